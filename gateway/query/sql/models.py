"""The select of the models of a source's jobs."""

from typing import Any

from sqlalchemy import Select, bindparam, select

from gateway.query.sql.conditions import of_tenant
from gateway.store.tables import jobs, models


def select_models(*, in_project: bool) -> Select[Any]:
    """Select identifiers and versions, in order of the first."""
    newest = (
        select(jobs.c.source)
        .where(
            of_tenant(jobs, in_project=in_project), jobs.c.model_id == models.c.model_id
        )
        .order_by(jobs.c.created_at.desc(), jobs.c.job_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = select(models.c.identifier, models.c.version).where(
        of_tenant(models, in_project=in_project), newest == bindparam("source")
    )
    return chosen.order_by(models.c.identifier)
