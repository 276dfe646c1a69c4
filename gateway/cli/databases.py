"""The database that a command works on, and whether it has an account."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.errors import InputError
from gateway.settings import Settings
from gateway.store.accounts import read_accounts
from gateway.store.database import Database, opened_database

T = TypeVar("T")


def run_on_database(
    settings: Settings,
    check: Callable[[Database], Awaitable[None]] | None,
    work: Callable[[Database], Awaitable[T]],
) -> T:
    """Open the database, run a coroutine on it, and close it; see `opened_database`."""

    async def run() -> T:
        async with opened_database(settings, check) as database:
            return await work(database)

    return asyncio.run(run())


async def check_account(database: Database, account: str) -> None:
    """Refuse the name of an account that is not there.

    Raises:
        InputError: There is no such account.
    """
    if account not in await read_accounts(database):
        raise InputError(f"there is no account {account!r}; see `gateway db status`")
