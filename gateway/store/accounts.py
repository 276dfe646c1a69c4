"""Accounts: adding, listing, and the lock that each writer takes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.errors import InputError
from gateway.store.columns import to_micros
from gateway.store.database import Database, mapped_errors
from gateway.store.tables import accounts

# Both databases know ON CONFLICT; SQLAlchemy has it once for each of them.
INSERT_ACCOUNT = text(
    "INSERT INTO accounts (account, created_at) VALUES (:account, :created_us)"
    " ON CONFLICT DO NOTHING"
)


async def put_account(
    conn: AsyncConnection, account: str, created_at: datetime
) -> None:
    """Add an account, where there is none of the name."""
    values = {"account": account, "created_us": to_micros(created_at)}
    await conn.execute(INSERT_ACCOUNT, values)


async def lock_account(conn: AsyncConnection, account: str) -> None:
    """Lock an account against other writers until the transaction ends.

    Raises:
        InputError: There is no such account.
    """
    # Changes nothing, but an updated row is locked on both databases.
    touched = (
        update(accounts)
        .where(accounts.c.account == account)
        .values(next_job_id=accounts.c.next_job_id)
    )
    if (await conn.execute(touched)).rowcount == 0:
        raise InputError(f"there is no account {account!r}; see `gateway db status`")


async def read_accounts(database: Database) -> Sequence[str]:
    """Read the names of all accounts, in order.

    Raises:
        DatabaseUnavailableError: The database cannot be reached, or is not migrated.
    """
    names = select(accounts.c.account).order_by(accounts.c.account)
    with mapped_errors():
        async with database.reader.connect() as conn:
            return (await conn.scalars(names)).all()
