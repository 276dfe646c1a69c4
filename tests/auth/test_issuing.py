import logging
from typing import Any

import pytest

from gateway.auth.issuing import KeyRequest, issue_key, revoke_key, to_issued_key
from gateway.auth.keys import to_key_digest
from gateway.errors import InputError, NotFoundError
from gateway.store.database import Database
from gateway.store.keys import list_api_keys
from tests.auth.records import put_key


async def test_a_digest_and_no_secret_is_stored(database: Database) -> None:
    request = KeyRequest(account="acme", project_id=7, scopes=["admin"], prefix="ei_")
    issued = await issue_key(database, request)
    (stored,) = await list_api_keys(database)
    assert stored == issued.record
    assert stored.digest == to_key_digest(issued.text)
    assert (stored.account, stored.project_id) == ("acme", 7)
    assert stored.scopes == {"admin"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": ""}, "the account must be"),
        ({"project_id": -1}, "the project must be"),
        ({"scopes": ["jobs:list"]}, "unknown scope 'jobs:list'"),
        ({"prefix": "a.b"}, "the prefix must be"),
    ],
)
def test_a_key_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    fields = {"account": "acme", "scopes": [], **changes}
    with pytest.raises(InputError, match=message):
        to_issued_key(KeyRequest(**fields))


@pytest.mark.parametrize("name", ["ei_abc", "ei_abc.s3cr3t"])
async def test_a_key_is_revoked_by_its_prefix(database: Database, name: str) -> None:
    await put_key(database)
    revoked = await revoke_key(database, name)
    assert revoked.revoked_at is not None
    assert await list_api_keys(database) == (revoked,)


async def test_a_key_revoked_again_keeps_its_instant(database: Database) -> None:
    await put_key(database)
    first = await revoke_key(database, "ei_abc")
    assert await revoke_key(database, "ei_abc") == first


async def test_a_key_that_is_not_there_cannot_be_revoked(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no API key has the prefix 'x'") as raised:
        await revoke_key(database, "x.s3cr3t")
    assert "s3cr3t" not in raised.value.message


async def test_creation_and_revocation_are_logged_without_the_secret(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    issued = await issue_key(database, KeyRequest(account="acme", scopes=["admin"]))
    await revoke_key(database, issued.text)
    lines = [vars(record) for record in caplog.records]
    assert [line["event"] for line in lines] == ["key_created", "key_revoked"]
    assert {line["key_prefix"] for line in lines} == {issued.record.prefix}
    assert issued.text.partition(".")[2] not in str(lines)
