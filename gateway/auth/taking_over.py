"""Keys that clients hold already, to keys that the gateway takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.auth.audit import log_key_event
from gateway.auth.issuing import KeyRequest
from gateway.auth.keys import make_prefix, to_digest, to_prefix
from gateway.auth.names import parse_account, parse_project_id, parse_scopes
from gateway.errors import InputError
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_api_key, read_known_keys

MAX_KEY_BYTES = 8192
# What names begin with of keys that tell none.
NAMELESS = "imported_"
# A text whose second half has fewer characters may have secrets in its first, too.
MIN_SECRET_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What became of the keys that were given.

    Attributes:
        new: What is kept of those that were not there.
        known: How many the account had before, which stay as they are.
    """

    new: tuple[ApiKeyRecord, ...]
    known: int


async def import_keys(
    database: Database, texts: Iterable[str], request: KeyRequest
) -> TakenOver:
    """Put keys of any text into the database, all of them or none.

    Args:
        database: Where they are put.
        texts: Whole keys; empty ones are passed over.
        request: What they are for; its prefix is not looked at.

    Raises:
        InputError: One cannot be a key, or is taken; the message has its number and
            nothing of its text.
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
    return TakenOver(new=tuple(new), known=len(records) - len(new))


def to_records(texts: Iterable[str], request: KeyRequest) -> dict[int, ApiKeyRecord]:
    """Check a request, and make what is kept of each key, once of each.

    Returns:
        The records by the numbers of the texts.
    """
    numbers: dict[str, int] = {}
    for number, text in enumerate(texts, start=1):
        if key := text.strip():
            check_key(key, number)
            numbers.setdefault(key, number)
    return {number: to_record(key, request) for key, number in numbers.items()}


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


def to_record(text: str, request: KeyRequest) -> ApiKeyRecord:
    """Make what is kept of a key."""
    return ApiKeyRecord(
        account=parse_account(request.account),
        prefix=to_public_prefix(text) or make_prefix(NAMELESS),
        digest=to_digest(text),
        project_id=parse_project_id(request.project_id),
        scopes=parse_scopes(request.scopes),
        created_at=datetime.now(UTC),
        expires_at=request.expires_at,
    )


def to_public_prefix(text: str) -> str | None:
    """Give the half of a key that its source shows, too; None where it has none."""
    prefix = to_prefix(text)
    is_long = prefix and len(text) - len(prefix) > MIN_SECRET_LENGTH
    return prefix if is_long else None


def check_free(
    records: Mapping[int, ApiKeyRecord], known: Mapping[bytes, ApiKeyRecord]
) -> None:
    """Check that no key stands for somebody else, or for another key.

    Raises:
        InputError: One does.
    """
    owners = {record.prefix: record for record in known.values()}
    for number, record in records.items():
        same = known.get(record.digest)
        if same is not None and same.account != record.account:
            raise InputError(f"key {number} belongs to another account")
        named = owners.setdefault(record.prefix, record)
        if same is None and named.digest != record.digest:
            raise InputError(f"key {number} begins as another key does; revoke that")
