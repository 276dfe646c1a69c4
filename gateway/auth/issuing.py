"""Issues and revokes API keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.auth.audit import log_key_event
from gateway.auth.keys import ApiKey, make_api_key, to_key_digest, to_prefix
from gateway.auth.names import parse_account, parse_project_id, parse_scopes
from gateway.errors import NotFoundError
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, put_api_key, revoke_api_key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRequest:
    """What a key is issued for.

    Attributes:
        project_id: The only project it may see; None is every one of the account.
        prefix: What its own prefix begins with.
    """

    account: str
    project_id: int | None = None
    scopes: Iterable[str]
    expires_at: datetime | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key: its text, which is not stored, and its record."""

    text: str = field(repr=False)
    record: ApiKeyRecord


async def issue_key(database: Database, request: KeyRequest) -> IssuedKey:
    """Make a key and store its record.

    Raises:
        InputError: The request is invalid.
        DatabaseUnavailableError: See `Database.transaction`.
    """
    issued = to_issued_key(request)
    async with database.transaction() as conn:
        await put_api_key(conn, issued.record)
    log_key_event("key_created", issued.record)
    return issued


def to_issued_key(request: KeyRequest) -> IssuedKey:
    """Check a request and make its key."""
    key = make_api_key(request.prefix)
    return IssuedKey(text=key.text, record=to_key_record(request, key))


def to_key_record(request: KeyRequest, key: ApiKey) -> ApiKeyRecord:
    """Check a request and make the record of a key.

    Raises:
        InputError: The request is invalid.
    """
    return ApiKeyRecord(
        account=parse_account(request.account),
        prefix=key.prefix,
        digest=to_key_digest(key.text),
        project_id=parse_project_id(request.project_id),
        scopes=parse_scopes(request.scopes),
        created_at=datetime.now(UTC),
        expires_at=request.expires_at,
    )


async def revoke_key(database: Database, name: str) -> ApiKeyRecord:
    """Revoke a key; a revoked key keeps its instant of revocation.

    Args:
        database: Where the key is.
        name: The key's prefix, or the whole key.

    Raises:
        NotFoundError: No key has the prefix.
        DatabaseUnavailableError: See `Database.transaction`.
    """
    prefix = to_prefix(name) or name
    async with database.transaction() as conn:
        record = await revoke_api_key(
            conn, prefix, digest=to_key_digest(name), revoked_at=datetime.now(UTC)
        )
    if record is None:
        raise NotFoundError(
            f"no API key has the prefix {prefix!r};"
            " `gateway keys list` shows those there are"
        )
    log_key_event("key_revoked", record)
    return record
