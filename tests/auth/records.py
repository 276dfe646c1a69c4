"""Records of API keys for tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.auth.keys import to_key_digest
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_api_key

CREATED_AT = datetime(2026, 1, 15, 12, 0, 0, 123_456, UTC)


def make_key_record(prefix: str = "ei_abc", **changes: Any) -> ApiKeyRecord:  # noqa: ANN401 -- as dataclasses.replace
    """Make what is kept of the key `PREFIX.s3cr3t`, and whatever a test changes."""
    record = ApiKeyRecord(
        account="acme",
        prefix=prefix,
        digest=to_key_digest(f"{prefix}.s3cr3t"),
        scopes=frozenset({"jobs:read", "usage:read"}),
        created_at=CREATED_AT,
    )
    return replace(record, **changes)


async def put_key(
    database: Database,
    prefix: str = "ei_abc",
    **changes: Any,  # noqa: ANN401 -- as above
) -> ApiKeyRecord:
    """Put such a key into the database."""
    record = make_key_record(prefix, **changes)
    async with database.transaction() as conn:
        await put_api_key(conn, record)
    return record
