"""How many rows each account has."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, func, select

from gateway.store.database import Database, mapped_errors
from gateway.store.tables import accounts, jobs, models, projects, users


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCounts:
    """How many rows an account has."""

    account: str
    jobs: int
    users: int
    models: int
    projects: int


async def read_account_counts(database: Database) -> Sequence[AccountCounts]:
    """Count the rows of each account, in the order of their names.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    tables: dict[str, Table] = {
        "jobs": jobs,
        "users": users,
        "models": models,
        "projects": projects,
    }
    counts = (
        select(func.count())
        .select_from(table)
        .where(table.c.account == accounts.c.account)
        .scalar_subquery()
        .label(name)
        for name, table in tables.items()
    )
    statement = select(accounts.c.account, *counts).order_by(accounts.c.account)
    with mapped_errors():
        async with database.reader.connect() as conn:
            rows = await conn.execute(statement)
            return [AccountCounts(**row) for row in rows.mappings()]
