"""Settings to opened resources."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from gateway.auth.authenticate import Authenticator
from gateway.schema.operations import Operations
from gateway.settings import Settings
from gateway.store.database import open_database
from gateway.store.version import check_version
from gateway.web.resources import Resources

__all__ = ["check_resources", "open_resources"]


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open what requests need, and close it at the end.

    Raises:
        SettingsError: A setting names what cannot be opened.
    """
    database = open_database(settings)
    try:
        yield Resources(
            authenticator=Authenticator(settings, database),
            operations=Operations(settings, database),
            check_ready=partial(check_version, database),
        )
    finally:
        await database.close()


async def check_resources(settings: Settings) -> None:
    """Find out, before anything is served, whether it can be.

    Raises:
        SettingsError: See `open_resources`.
        MigrationError: The database is not at the version this code needs.
        DatabaseUnavailableError: It cannot be reached.
    """
    async with open_resources(settings) as resources:
        await resources.check_ready()
