"""The models that a source's jobs name, with their versions."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.conditions import scope
from gateway.query.reading import Reading
from gateway.records import JobSource
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import jobs, models


async def read_model_versions(
    reading: Reading, source: JobSource
) -> Mapping[str, Sequence[str]]:
    """Read the versions of each model by its identifier, in no order.

    A model is of the source whose job named it last: whether any did would take a look
    at all of its jobs.

    Raises:
        DatabaseUnavailableError: The database is not there.
    """
    in_project = reading.tenant.project_id is not None
    statement = to_models(reading.database.reader, in_project=in_project)
    values = {**reading.tenant.values, "source": source.value}
    found: dict[str, list[str]] = {}
    for identifier, version in await reading.fetch(statement, values):
        versions = found.setdefault(identifier, [])
        if version is not None:
            versions.append(version)
    return found


@lru_cache(maxsize=10)
def to_models(engine: AsyncEngine, *, in_project: bool) -> Statement:
    """Write the select of identifiers and versions, in order of the first."""
    newest = (
        select(jobs.c.source)
        .where(scope(jobs, in_project=in_project), jobs.c.model_id == models.c.model_id)
        .order_by(jobs.c.created_at.desc(), jobs.c.job_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = select(models.c.identifier, models.c.version).where(
        scope(models, in_project=in_project), newest == bindparam("source")
    )
    return to_statement(chosen.order_by(models.c.identifier), engine)
