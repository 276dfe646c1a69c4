"""The select of the models that a source's jobs name."""

from functools import lru_cache

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.sql.conditions import scope
from gateway.store.selects import Statement, to_statement
from gateway.store.tables import jobs, models


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
