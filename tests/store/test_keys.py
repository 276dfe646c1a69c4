from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gateway.store.database import Database
from gateway.store.keys import (
    ApiKeyRecord,
    list_api_keys,
    put_api_key,
    put_last_uses,
    read_api_keys,
    revoke_api_key,
)
from gateway.store.tables import accounts, projects

NOW = datetime(2026, 1, 15, 12, 0, 0, 123_456, UTC)


def make_key(prefix: str = "a", **changes: object) -> ApiKeyRecord:
    fields = {
        "account": "acme",
        "digest": sha256(prefix.encode()).digest(),
        "scopes": frozenset({"jobs:read", "admin"}),
        "created_at": NOW,
    }
    return ApiKeyRecord(prefix=prefix, **{**fields, **changes})  # type: ignore[arg-type]  # by name


async def put(database: Database, *keys: ApiKeyRecord) -> None:
    async with database.transaction() as conn:
        for key in keys:
            await put_api_key(conn, key)


@pytest.mark.parametrize(
    "key",
    [
        make_key(),
        make_key(project_id=2**63 - 1, expires_at=NOW + timedelta(days=1)),
        make_key(scopes=frozenset(), revoked_at=NOW),
        make_key(account="Ünïcode 'quoted'"),
    ],
    ids=["plain", "narrow", "revoked", "unicode"],
)
async def test_a_key_is_read_as_it_was_put(
    database: Database, key: ApiKeyRecord
) -> None:
    await put(database, key)
    found = await read_api_keys(database, prefix=key.prefix, digest=key.digest)
    assert found == (key,)


@pytest.mark.parametrize("prefix", ["", "A", "a ", "b", "%", "' OR 1=1 --"])
async def test_a_key_of_another_prefix_is_not_found(
    database: Database, prefix: str
) -> None:
    await put(database, make_key())
    assert await read_api_keys(database, prefix=prefix, digest=bytes(32)) == ()


async def test_a_key_is_found_by_its_prefix_or_its_digest_alone(
    database: Database,
) -> None:
    keys = [make_key("a"), make_key("b")]
    await put(database, *keys)
    by_prefix = await read_api_keys(database, prefix="a", digest=bytes(32))
    by_digest = await read_api_keys(database, prefix="", digest=keys[1].digest)
    assert (by_prefix, by_digest) == ((keys[0],), (keys[1],))


async def test_the_last_use_of_a_key_never_goes_back(database: Database) -> None:
    await put(database, make_key("a"), make_key("b"))
    for hours in (1, 2, 0):
        async with database.transaction() as conn:
            used_at = NOW + timedelta(hours=hours)
            await put_last_uses(conn, {"a": used_at, "no such key": used_at})
    first, second = await list_api_keys(database)
    assert first.last_used_at == NOW + timedelta(hours=2)
    assert second.last_used_at is None


async def test_account_and_project_are_added_once(database: Database) -> None:
    keys = [make_key(prefix, project_id=7) for prefix in "ab"]
    await put(database, *keys)
    async with database.transaction() as conn:
        names = (await conn.execute(select(accounts.c.account))).scalars().all()
        pairs = (await conn.execute(select(projects))).all()
    assert list(names) == ["acme"]
    assert [tuple(pair) for pair in pairs] == [("acme", 7)]


@pytest.mark.parametrize("changes", [{"digest": bytes(32)}, {"prefix": "b"}], ids=str)
async def test_two_accounts_cannot_have_the_same_prefix_or_text(
    database: Database, changes: dict[str, Any]
) -> None:
    key = make_key()
    await put(database, key)
    with pytest.raises(IntegrityError):
        await put(database, replace(key, account="others", **changes))


async def test_keys_are_listed_by_account_and_age(database: Database) -> None:
    later = NOW + timedelta(seconds=1)
    keys = [make_key("c"), make_key("a", created_at=later), make_key("b", account="z")]
    await put(database, *reversed(keys))
    assert await list_api_keys(database) == tuple(keys)


async def test_the_keys_of_one_account_are_listed(database: Database) -> None:
    await put(database, make_key("a"), make_key("b", account="z"))
    assert await list_api_keys(database, account="z") == (make_key("b", account="z"),)
    assert await list_api_keys(database, account="y") == ()


async def revoke(database: Database, *, minutes: int) -> ApiKeyRecord | None:
    async with database.transaction() as conn:
        at = NOW + timedelta(minutes=minutes)
        return await revoke_api_key(conn, "a", revoked_at=at)


async def test_a_revoked_key_keeps_its_first_instant(database: Database) -> None:
    await put(database, make_key("a"), make_key("b"))
    first = await revoke(database, minutes=1)
    assert first == make_key(revoked_at=NOW + timedelta(minutes=1))
    assert await revoke(database, minutes=2) == first
    assert await list_api_keys(database) == (first, make_key("b"))


async def test_revoking_what_is_not_there_gives_nothing(database: Database) -> None:
    assert await revoke(database, minutes=1) is None
