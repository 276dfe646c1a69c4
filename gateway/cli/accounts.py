"""Accounts named on the command line, told apart from those that are not there."""

from gateway.errors import InputError
from gateway.store.accounts import read_accounts
from gateway.store.database import Database


async def check_account(database: Database, account: str) -> None:
    """Tell a name that is mistyped from an account that has nothing.

    Raises:
        InputError: There is no such account.
    """
    if account not in await read_accounts(database):
        raise InputError(f"there is no account {account!r}; see `gateway db status`")
