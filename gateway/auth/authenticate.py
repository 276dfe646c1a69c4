"""Request headers to a principal."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest

from gateway.auth.audit import log_refusal, refusals_logged
from gateway.auth.credentials import Credential, HeaderValues, find_credential
from gateway.auth.keys import to_digest
from gateway.auth.principal import CredentialKind, Principal
from gateway.auth.recent_keys import RecentKeys
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import verify_token
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, read_api_key

__all__ = ["Authenticator"]

# Compared with where no key has the prefix, so that both cases do the same work.
NO_DIGEST = bytes(32)
UNKNOWN_KEY = "unknown API key"


class Authenticator:
    """Resolves credentials; lives as long as the database it asks.

    Raises:
        SettingsError: See `to_token_rules`.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database = database
        self.rules = to_token_rules(settings)
        self.clock = clock
        self.recent = RecentKeys(clock=clock)

    async def authenticate(self, values_of: HeaderValues) -> Principal:
        """Find out who asks.

        Args:
            values_of: Gives all values of a header, by its name in lower case.

        Raises:
            UnauthenticatedError: There is no credential, or it does not hold.
            DatabaseUnavailableError: An API key cannot be looked up.
        """
        with refusals_logged():
            credential = find_credential(values_of)
        if credential is None:
            raise UnauthenticatedError(
                "no credential; send an API key in x-api-key or a JWT in"
                " Authorization: Bearer"
            )
        if credential.kind is CredentialKind.API_KEY:
            return await self.authenticate_key(credential)
        with refusals_logged(credential.header):
            return self.authenticate_token(credential)

    def authenticate_token(self, credential: Credential) -> Principal:
        """Resolve a JWT.

        Raises:
            UnauthenticatedError: It does not hold, or no key to check it is set.
        """
        if self.rules is None:
            raise UnauthenticatedError(
                "this gateway takes no JWT; send an API key in x-api-key"
            )
        return verify_token(credential.text, self.rules)

    async def authenticate_key(self, credential: Credential) -> Principal:
        """Resolve an API key.

        Raises:
            UnauthenticatedError: It is unknown, revoked or expired.
            DatabaseUnavailableError: It cannot be looked up.
        """
        key = await self.find_key(credential)
        if reason := to_refusal(key, now=datetime.now(UTC)):
            log_refusal(reason, header=credential.header, key=key)
            raise UnauthenticatedError(reason)
        return Principal(
            account=key.account,
            project_id=key.project_id,
            subject=key.prefix,
            kind=CredentialKind.API_KEY,
            scopes=key.scopes,
            key_prefix=key.prefix,
        )

    async def find_key(self, credential: Credential) -> ApiKeyRecord:
        """Find the key whose whole text is right.

        Raises:
            UnauthenticatedError: Its prefix or its secret is not known: which of them
                is not told, by words or by time.
            DatabaseUnavailableError: It cannot be looked up.
        """
        digest = to_digest(credential.text)
        if (recent := self.recent.get(digest)) is not None:
            return recent
        read_at_s = self.clock()
        prefix, _, _ = credential.text.partition(".")
        key = await read_api_key(self.database, prefix)
        is_right = compare_digest(digest, NO_DIGEST if key is None else key.digest)
        if key is None or not is_right:
            log_refusal(UNKNOWN_KEY, header=credential.header, key=key)
            raise UnauthenticatedError(UNKNOWN_KEY)
        self.recent.put(key, read_at_s=read_at_s)
        return key


def to_refusal(key: ApiKeyRecord, *, now: datetime) -> str | None:
    """Say why a key that is known does not hold, if it does not."""
    if key.revoked_at is not None:
        return "the API key is revoked; ask for a new one"
    if key.expires_at is not None and key.expires_at <= now:
        return "the API key has expired; ask for a new one"
    return None
