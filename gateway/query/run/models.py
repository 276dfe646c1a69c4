"""The models of a source's jobs, with their versions."""

from collections.abc import Mapping, Sequence

from gateway.query.run.reading import Reading
from gateway.query.sql.models import select_models
from gateway.records import JobSource


async def read_model_versions(
    reading: Reading, source: JobSource
) -> Mapping[str, Sequence[str]]:
    """Read the versions of each model by its identifier, in no order.

    A model belongs to the source of its newest job: to find out whether any job of a
    source has it could mean to read all its jobs.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    in_project = reading.tenant.project_id is not None
    values = {**reading.tenant.values, "source": source.value}
    found: dict[str, list[str]] = {}
    for identifier, version in await reading.fetch(
        values, select_models, in_project=in_project
    ):
        versions = found.setdefault(identifier, [])
        if version is not None:
            versions.append(version)
    return found
