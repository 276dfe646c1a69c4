"""A database, and an account in it, as commands ask for them."""

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
    """Do all the work of a command on a database; see `opened_database`."""

    async def run() -> T:
        async with opened_database(settings, check) as database:
            return await work(database)

    return asyncio.run(run())


async def check_account(database: Database, account: str) -> None:
    """Tell a name that is mistyped from an account that has nothing.

    Raises:
        InputError: There is no such account.
    """
    if account not in await read_accounts(database):
        raise InputError(f"there is no account {account!r}; see `gateway db status`")
