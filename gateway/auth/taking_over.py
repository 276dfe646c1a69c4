"""Imports API keys that clients of the source systems hold already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.auth.audit import log_key_event
from gateway.auth.issuing import KeyRequest, to_key_record
from gateway.auth.keys import ApiKey, make_prefix, to_prefix
from gateway.errors import InputError
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_api_key, read_known_keys

MAX_KEY_BYTES = 8192
# What the prefixes begin with that are made for keys without one.
MADE_PREFIX = "imported_"
# Where the second half is shorter, the first may be secret, too.
MIN_SECRET_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyImport:
    """The outcome of importing keys.

    Attributes:
        new: The records of the new ones.
        known: How many the account had already; they are unchanged.
    """

    new: tuple[ApiKeyRecord, ...]
    known: int


async def import_keys(
    database: Database, texts: Iterable[str], request: KeyRequest
) -> KeyImport:
    """Store keys of any text, all of them or none.

    Args:
        database: Where to.
        texts: Whole keys; empty ones are skipped.
        request: What they are for; its prefix is ignored.

    Raises:
        InputError: One is invalid, or is taken; the message has its number and nothing
            of its text.
        DatabaseUnavailableError: See `Database.transaction`.
    """
    records = to_records(texts, request)
    async with database.transaction() as conn:
        known = await read_known_keys(conn, records.values())
        new = [each for each in records.values() if each.digest not in known]
        check_free(records, known)
        for record in new:
            await put_api_key(conn, record)
    for record in new:
        log_key_event("key_imported", record)
    return KeyImport(new=tuple(new), known=len(records) - len(new))


def to_records(texts: Iterable[str], request: KeyRequest) -> dict[int, ApiKeyRecord]:
    """Check a request, and make the record of each distinct key.

    Returns:
        The records by the number of the text.
    """
    numbers: dict[str, int] = {}
    for number, text in enumerate(texts, start=1):
        if key := text.strip():
            check_key(key, number)
            numbers.setdefault(key, number)
    return {
        number: to_key_record(request, to_api_key(key))
        for key, number in numbers.items()
    }


def check_key(text: str, number: int) -> None:
    """Check that a header can carry a key.

    Raises:
        InputError: It cannot.
    """
    if len(text.encode()) > MAX_KEY_BYTES or not text.isprintable():
        raise InputError(
            f"key {number} cannot be sent in a header: it must have at most"
            f" {MAX_KEY_BYTES} bytes and no control characters"
        )


def to_api_key(text: str) -> ApiKey:
    """Give a key with the prefix that its source shows, or a new one."""
    prefix = to_prefix(text)
    if not prefix or len(text) - len(prefix) <= MIN_SECRET_LENGTH:
        prefix = make_prefix(MADE_PREFIX)
    return ApiKey(prefix=prefix, text=text)


def check_free(
    records: Mapping[int, ApiKeyRecord], known: Mapping[bytes, ApiKeyRecord]
) -> None:
    """Check that no key is another account's, or shares its prefix with another key.

    Raises:
        InputError: One is or does.
    """
    owners = {record.prefix: record for record in known.values()}
    for number, record in records.items():
        same = known.get(record.digest)
        if same is not None and same.account != record.account:
            raise InputError(f"key {number} belongs to another account")
        named = owners.setdefault(record.prefix, record)
        if same is None and named.digest != record.digest:
            raise InputError(f"key {number} begins as another key does; revoke that")
