"""Which jobs a credential of one project may write, and the errors for the others."""

from gateway.errors import ForbiddenError
from gateway.records import JobRecord


def check_reach(record: JobRecord, project_id: int | None) -> None:
    """Refuse a job of another project.

    Args:
        record: The job.
        project_id: The only project that may be written to; None is any.

    Raises:
        ForbiddenError: The job names another.
    """
    if project_id is not None and record.project_id != project_id:
        raise ForbiddenError(
            f"projectId is {record.project_id}; right is {project_id}, the project of"
            " the credential, or none"
        )


def to_foreign_error() -> ForbiddenError:
    """Make the error for a stored job of another project than the credential's."""
    return ForbiddenError(
        "the account has a job of this jobIdentifier outside of the project of the"
        " credential; give the job another"
    )
