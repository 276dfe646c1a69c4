from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.auth.keys_in_use import MAX_KEYS, LastUses
from gateway.settings import read_settings
from gateway.store.database import Database, open_database
from gateway.store.keys import list_api_keys
from tests.auth.records import make_key_record, put_key

NOW = datetime(2026, 3, 2, 9, 41, 7, 5, UTC)
HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def test_the_hour_of_a_use_is_written(database: Database) -> None:
    uses = LastUses(database)
    uses.note(await put_key(database), now=NOW)
    assert await uses.write() > 0
    (stored,) = await list_api_keys(database)
    assert stored.last_used_at == HOUR
    assert uses.unwritten == {}


@pytest.mark.parametrize(
    ("known_at", "noted"),
    [
        (None, {"ei_abc": HOUR}),
        (HOUR - timedelta(hours=1), {"ei_abc": HOUR}),
        (HOUR, {}),
        (HOUR + timedelta(hours=1), {}),
    ],
)
async def test_a_use_within_the_hour_that_is_known_is_no_news(
    database: Database, known_at: datetime | None, noted: dict[str, datetime]
) -> None:
    uses = LastUses(database)
    uses.note(make_key_record(last_used_at=known_at), now=NOW)
    assert uses.unwritten == noted


async def test_what_is_noted_is_bounded(database: Database) -> None:
    uses = LastUses(database)
    key = make_key_record()
    for number in range(MAX_KEYS + 1):
        uses.note(replace(key, prefix=f"k{number}"), now=NOW)
    assert len(uses.unwritten) == MAX_KEYS


async def test_what_cannot_be_written_is_noted_still(empty_sqlite_url: str) -> None:
    database = open_database(read_settings(database_url=empty_sqlite_url))
    uses = LastUses(database)
    uses.note(make_key_record(), now=NOW)
    await uses.write()
    assert uses.unwritten == {"ei_abc": HOUR}
    await database.close()
