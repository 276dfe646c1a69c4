"""A gateway that serves the jobs of a source system's documents."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import TokenRequest, sign_token
from gateway.settings import read_settings
from gateway.store.database import open_database
from tests.databases import copy_sqlite
from tests.features.gateways import running_gateway, to_end
from tests.official_clients.documents import Document, write_documents

ACCOUNT = "acme"
PROJECT = 7
SECRET = "a secret of the tests, long enough"  # noqa: S105 -- of the tests
SCOPES = ("jobs:read", "usage:read", "profile", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the gateway serves, and credentials that may read all documents."""

    address: str
    key: str
    token: str


@asynccontextmanager
async def serving(
    format_name: str, documents: Sequence[Document], template: Path, folder: Path
) -> AsyncIterator[Site]:
    """Import documents into a new database, hand out a key, and serve both.

    Args:
        template: A migrated SQLite database without jobs.
        folder: Where the files are put.
    """
    url = copy_sqlite(template, folder)
    env = {"GATEWAY_DATABASE_URL": url, "GATEWAY_JWT_SECRET": SECRET}
    path = folder / "documents.ndjson"
    write_documents(documents, path)
    options = ("--account", ACCOUNT, "--project", str(PROJECT))
    ended = await to_end("import", format_name, str(path), *options, env=env)
    assert ended.code == 0, ended
    key = await make_key(url)
    async with running_gateway(env=env) as gateway:
        yield Site(address=gateway.address, key=key, token=make_token())


async def make_key(url: str) -> str:
    """Make a key that the clients of all three systems take for their own."""
    database = open_database(read_settings(database_url=url))
    try:
        # Edge Impulse's client for Node wants this prefix.
        request = KeyRequest(account=ACCOUNT, scopes=SCOPES, prefix="ei_")
        return (await issue_key(database, request)).text
    finally:
        await database.close()


def make_token() -> str:
    """Make a token for the same."""
    request = TokenRequest(
        account=ACCOUNT,
        subject="ada",
        project_id=None,
        scopes=SCOPES,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    return sign_token(request, to_token_rules(read_settings(jwt_secret=SECRET)))
