"""Open the resources that requests need."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from gateway.auth.authenticate import Authenticator
from gateway.auth.rate_limits import RateLimiter
from gateway.query.usage.by_source import read_category_sums
from gateway.schema.operations import Operations
from gateway.settings import Settings, read_upstreams
from gateway.store.database import opened_database
from gateway.store.version import check_version
from gateway.upstreams.client import to_tls
from gateway.upstreams.syncing import Syncing, log_report, running
from gateway.web.resources import Resources


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open the resources of a server, and close them at the end.

    Raises:
        SettingsError: A setting names what cannot be opened.
    """
    async with (
        opened_database(settings, None) as database,
        AsyncExitStack() as stack,
    ):
        authenticator = Authenticator(settings, database)
        await stack.enter_async_context(authenticator.running())
        limiters = make_limiters(settings)
        for limiter in limiters.values():
            stack.push_async_callback(limiter.close)
        if upstreams := read_upstreams(settings):
            syncing = Syncing(
                settings,
                database,
                upstreams,
                tell=log_report,
                read_usage=partial(read_category_sums, database),
            )
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


def make_limiters(settings: Settings) -> Mapping[str, RateLimiter]:
    """Make a rate limiter for each rate that is set, by name.

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
    """Check settings and database before anything is served.

    Raises:
        SettingsError: See `open_resources`.
        MigrationError: The database is not at the version this code needs.
        DatabaseUnavailableError: It cannot be reached.
    """
    async with opened_database(settings, None) as database:
        # Not run: the identity provider need not be available yet.
        Authenticator(settings, database)
        Operations(settings, database)
        make_limiters(settings)
        for upstream in read_upstreams(settings):
            to_tls(upstream.settings)
        await check_version(database)
