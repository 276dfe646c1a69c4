"""API keys in the database: their public prefixes and digests, never a secret."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.accounts import put_account
from gateway.store.columns import Instant, from_micros, from_optional_micros
from gateway.store.database import Database
from gateway.store.engine import Row
from gateway.store.selects import bind_values, compile_select, prepare_select
from gateway.store.tables import api_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRecord:
    """An API key as it is stored.

    Attributes:
        prefix: The key up to its dot, which identifies it and is no secret.
        digest: SHA-256 of the whole key.
        last_used_at: To the hour.
        project_id: The only project the key may see; None is all.
    """

    account: str
    prefix: str
    digest: bytes = field(repr=False)
    project_id: int | None = None
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


# Instants are read as integers, so that rows of SQLAlchemy and the driver are alike.
COLUMNS = (
    api_keys.c.account,
    api_keys.c.prefix,
    api_keys.c.digest,
    api_keys.c.project_id,
    api_keys.c.scopes,
    type_coerce(api_keys.c.created_at, BigInteger),
    type_coerce(api_keys.c.expires_at, BigInteger),
    type_coerce(api_keys.c.revoked_at, BigInteger),
    type_coerce(api_keys.c.last_used_at, BigInteger),
)
ALL_KEYS = select(*COLUMNS).order_by(
    api_keys.c.account, api_keys.c.created_at, api_keys.c.prefix
)
INSERT_PROJECT = text(
    "INSERT INTO projects (account, project_id) VALUES (:account, :project_id)"
    " ON CONFLICT DO NOTHING"
)


async def put_api_key(conn: AsyncConnection, record: ApiKeyRecord) -> None:
    """Add a key, and its account and project where they are new."""
    await put_account(conn, record.account, record.created_at)
    if record.project_id is not None:
        project = {"account": record.account, "project_id": record.project_id}
        await conn.execute(INSERT_PROJECT, project)
    values = asdict(record) | {"scopes": " ".join(sorted(record.scopes))}
    await conn.execute(insert(api_keys).values(values))


async def read_api_keys(
    database: Database, *, prefix: str, digest: bytes
) -> tuple[ApiKeyRecord, ...]:
    """Find the key of a prefix and that of a digest, on the request path.

    They are the same key if it was made here; a key imported from another system may
    have no prefix in its text.
    """
    statement = prepare_select(select_keys_by_text, database.reader.dialect)
    values = bind_values(statement, {"prefix": prefix, "digest": digest})
    async with database.reading() as reader:
        rows = await reader.fetch(statement, values)
    return tuple(key_of_row(row) for row in rows)


def select_keys_by_text() -> Select[*tuple[Any, ...]]:
    """Select the keys with the parameter `prefix` or `digest`."""
    return select(*COLUMNS).where(
        or_(
            api_keys.c.prefix == bindparam("prefix"),
            api_keys.c.digest == bindparam("digest"),
        )
    )


async def read_known_keys(
    conn: AsyncConnection, records: Iterable[ApiKeyRecord]
) -> dict[bytes, ApiKeyRecord]:
    """Find the stored keys that have the digest or prefix of a given one, by digest."""
    found: dict[bytes, ApiKeyRecord] = {}
    for record in records:
        values = {"prefix": record.prefix, "digest": record.digest}
        rows = await conn.execute(select_keys_by_text(), values)
        found |= {known.digest: known for known in map(key_of_row, rows)}
    return found


async def list_api_keys(
    database: Database, *, account: str | None = None
) -> tuple[ApiKeyRecord, ...]:
    """Read the keys of an account, or of all, the oldest of each account first."""
    keys = ALL_KEYS
    if account is not None:
        keys = keys.where(api_keys.c.account == account)
    statement = compile_select(keys, database.reader.dialect)
    async with database.reading() as reader:
        rows = await reader.fetch(statement, bind_values(statement, {}))
    return tuple(key_of_row(row) for row in rows)


async def revoke_api_key(
    conn: AsyncConnection,
    prefix: str,
    *,
    digest: bytes | None = None,
    revoked_at: datetime,
) -> ApiKeyRecord | None:
    """Revoke a key; one that was revoked before keeps its instant.

    Args:
        conn: Of a transaction.
        prefix: Of the key, if none has the digest.
        digest: Of the key.
        revoked_at: When.

    Returns:
        The key as it is now, or None where there is none.
    """
    now = literal(revoked_at, Instant())
    for is_meant in (api_keys.c.digest == digest, api_keys.c.prefix == prefix):
        rows = await conn.execute(
            update(api_keys)
            .where(is_meant)
            .values(revoked_at=func.coalesce(api_keys.c.revoked_at, now))
            .returning(*COLUMNS)
        )
        if (row := rows.one_or_none()) is not None:
            return key_of_row(row)
    return None


async def put_last_uses(conn: AsyncConnection, uses: Mapping[str, datetime]) -> None:
    """Write when keys were last used, by prefix; instants never go back."""
    used_at = bindparam("used_at", type_=Instant())
    await conn.execute(
        update(api_keys)
        .where(
            api_keys.c.prefix == bindparam("used_prefix"),
            func.coalesce(api_keys.c.last_used_at < used_at, true()),
        )
        .values(last_used_at=used_at),
        # Sorted, so that replicas lock rows in one order and never deadlock.
        [{"used_prefix": name, "used_at": uses[name]} for name in sorted(uses)],
    )


def key_of_row(row: Row) -> ApiKeyRecord:
    """Read a row of `COLUMNS`, as the driver gives it."""
    account, prefix, digest, project_id, scopes, created_at, *instants = row
    expires_at, revoked_at, last_used_at = instants
    return ApiKeyRecord(
        account=account,
        prefix=prefix,
        digest=digest,
        project_id=project_id,
        scopes=frozenset(scopes.split()),
        created_at=from_micros(created_at),
        expires_at=from_optional_micros(expires_at),
        revoked_at=from_optional_micros(revoked_at),
        last_used_at=from_optional_micros(last_used_at),
    )
