import logging
from collections.abc import Sequence

import pytest

from gateway.auth.issuing import KeyRequest, revoke_key
from gateway.auth.keys import to_key_digest
from gateway.auth.taking_over import KeyImport, import_keys
from gateway.errors import InputError
from gateway.store.database import Database
from gateway.store.keys import list_api_keys

MODZY = "modzyprefix0123.body-of-sixteen-or-more"
HEXADECIMAL = "0123456789abcdef" * 2 + "01234567"


async def take(
    database: Database, texts: Sequence[str], account: str = "acme"
) -> KeyImport:
    request = KeyRequest(account=account, scopes=["jobs:read"])
    return await import_keys(database, texts, request)


async def test_a_digest_and_the_public_half_are_stored(database: Database) -> None:
    taken = await take(database, [MODZY, HEXADECIMAL])
    by_digest = {key.digest: key for key in await list_api_keys(database)}
    assert set(by_digest.values()) == set(taken.new)
    assert by_digest[to_key_digest(MODZY)].prefix == "modzyprefix0123"
    assert by_digest[to_key_digest(HEXADECIMAL)].prefix.startswith("imported_")


@pytest.mark.parametrize(
    "text", ["short.half", "three.parts.of-a-longer-text", ".nothing-before-the-dot"]
)
async def test_what_may_be_secret_is_not_taken_for_a_prefix(
    database: Database, text: str
) -> None:
    (key,) = (await take(database, [text])).new
    assert key.prefix.startswith("imported_")


async def test_lines_without_a_key_and_keys_that_are_known_change_nothing(
    database: Database,
) -> None:
    first = await take(database, [f" {HEXADECIMAL}\n", "\n", "", HEXADECIMAL])
    again = await take(database, [HEXADECIMAL, MODZY])
    assert (len(first.new), first.known) == (1, 0)
    assert (len(again.new), again.known) == (1, 1)


async def test_a_revoked_key_stays_revoked(database: Database) -> None:
    await take(database, [MODZY])
    await revoke_key(database, MODZY)
    assert (await take(database, [MODZY])).known == 1
    (key,) = await list_api_keys(database)
    assert key.revoked_at is not None


@pytest.mark.parametrize(
    ("texts", "account", "message"),
    [
        ([HEXADECIMAL, MODZY], "others", "key 2 belongs to another account"),
        (["", f"{MODZY}-other"], "acme", "key 2 begins as another key does"),
        (["a.1234567890123456", "a.6543210987654321"], "acme", "key 2 begins as"),
        (["ok", "a\x07b"], "acme", "key 2 cannot be sent in a header"),
        (["é" * 4097], "acme", "key 1 cannot be sent in a header"),
        ([HEXADECIMAL], "", "the account must be a text"),
    ],
)
async def test_one_that_cannot_be_taken_over_leaves_all_as_it_was(
    database: Database, texts: list[str], account: str, message: str
) -> None:
    await take(database, [MODZY])
    with pytest.raises(InputError, match=message) as raised:
        await take(database, texts, account)
    assert len(await list_api_keys(database)) == 1
    assert not any(text and text in raised.value.message for text in texts)


async def test_each_key_taken_over_is_one_log_line_without_its_text(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await take(database, [MODZY, HEXADECIMAL])
    lines = [vars(record) for record in caplog.records]
    assert [line["event"] for line in lines] == ["key_imported", "key_imported"]
    assert not any(
        text in str(lines) for text in (MODZY.partition(".")[2], HEXADECIMAL)
    )


async def test_a_whole_key_is_revoked_and_none_that_is_called_as_it_begins(
    database: Database,
) -> None:
    (known,) = (await take(database, ["short.1234567890123456"])).new
    assert known.prefix == "short"
    (key,) = (await take(database, ["short.half"])).new
    assert (await revoke_key(database, "short.half")).prefix == key.prefix
    revoked = {each.prefix for each in await list_api_keys(database) if each.revoked_at}
    assert revoked == {key.prefix}
