"""Settings to opened resources."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from gateway.auth.authenticate import Authenticator
from gateway.auth.rate_limits import RateLimiter
from gateway.query.usage.by_source import read_category_sums
from gateway.schema.operations import Operations
from gateway.settings import Settings, read_upstreams
from gateway.store.database import Database, open_database
from gateway.store.version import check_version
from gateway.upstream_settings import ConfiguredUpstream
from gateway.upstreams.client import to_tls
from gateway.upstreams.syncing import Syncing, log_report, running
from gateway.web.resources import Resources


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open what requests need, and close it at the end.

    Raises:
        SettingsError: A setting names what cannot be opened.
    """
    async with opened_database(settings) as database, AsyncExitStack() as stack:
        authenticator = Authenticator(settings, database)
        await stack.enter_async_context(authenticator.running())
        limiters = to_limiters(settings)
        for limiter in limiters.values():
            stack.push_async_callback(limiter.close)
        if upstreams := read_upstreams(settings):
            syncing = to_syncing(settings, database, upstreams)
            await stack.enter_async_context(running(syncing))
        yield Resources(
            authenticator=authenticator,
            operations=Operations(settings, database),
            database=database,
            check_ready=partial(check_version, database),
            provider=authenticator.provider,
            request_limiter=limiters.get("requests"),
            failure_limiter=limiters.get("failed-logins"),
        )


def to_syncing(
    settings: Settings, database: Database, upstreams: Sequence[ConfiguredUpstream]
) -> Syncing:
    """Give what fetches jobs beside the requests."""
    return Syncing(
        settings,
        database,
        upstreams,
        tell=log_report,
        read_usage=partial(read_category_sums, database),
    )


def to_limiters(settings: Settings) -> Mapping[str, RateLimiter]:
    """Give what counts, by the names of the rates that are set.

    Raises:
        SettingsError: There is no client for the storage.
    """
    rates = {
        "requests": settings.rate_limit,
        "failed-logins": settings.failed_login_limit,
    }
    return {
        name: RateLimiter(rate, name=name, storage_url=settings.rate_limit_storage)
        for name, rate in rates.items()
        if rate != "off"
    }


async def check_resources(settings: Settings) -> None:
    """Find out, before anything is served, whether it can be.

    Raises:
        SettingsError: See `open_resources`.
        MigrationError: The database is not at the version this code needs.
        DatabaseUnavailableError: It cannot be reached.
    """
    async with opened_database(settings) as database:
        # Made, and not run: the identity provider need not be there yet.
        Authenticator(settings, database)
        Operations(settings, database)
        to_limiters(settings)
        for upstream in read_upstreams(settings):
            to_tls(upstream.settings)
        await check_version(database)


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database for the length of a block."""
    database = open_database(settings)
    try:
        yield database
    finally:
        await database.close()
