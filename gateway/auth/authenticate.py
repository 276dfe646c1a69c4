"""Authenticates requests: headers to a principal."""

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from hmac import compare_digest

from gateway.auth.accounts import to_named_account
from gateway.auth.audit import (
    log_account_named,
    log_refused_credential,
    refusals_logged,
)
from gateway.auth.background import attempt, repeated
from gateway.auth.credentials import (
    Credential,
    HeaderValues,
    find_credential,
    to_key_hint,
)
from gateway.auth.keys import to_prefix
from gateway.auth.keys_in_use import LastUses, RecentKeys
from gateway.auth.principal import CredentialKind, Principal
from gateway.auth.provider import IdentityProvider
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import parse_token_header, verify_token
from gateway.errors import (
    ForbiddenError,
    MissingCredentialError,
    UnauthenticatedError,
)
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.keys import ApiKeyRecord, read_api_keys

logger = logging.getLogger(__name__)

# Names the account to act in; for administrators only.
ACCOUNT_HEADER = "x-account"


class Authenticator:
    """Resolves credentials to principals; lives as long as its database.

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
        self.provider = to_provider(settings)
        self.clock = clock
        self.recent = RecentKeys(clock=clock)
        self.uses = LastUses(database)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within the block, run the background work."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(attempt, self.uses.write)
            await stack.enter_async_context(repeated(self.uses.write))
            if self.provider is not None:
                self.warn_without_audience()
                stack.push_async_callback(self.provider.close)
                await stack.enter_async_context(repeated(self.provider.refresh_later))
            yield

    def warn_without_audience(self) -> None:
        """Warn the operator where tokens for other services are accepted."""
        if self.rules is not None and self.rules.audience is None:
            logger.warning(
                "GATEWAY_JWT_AUDIENCE is unset: tokens that the issuer made for other"
                " services are taken, too"
            )

    async def authenticate(self, values_of: HeaderValues) -> Principal:
        """Authenticate a request.

        Args:
            values_of: Gives all values of a header, by its name in lower case.

        Raises:
            UnauthenticatedError: There is no credential, or it is invalid.
            ForbiddenError: See `to_named_account`.
            OverloadedError: It cannot be checked now.
        """
        try:
            credential = find_credential(values_of)
        except UnauthenticatedError as exc:
            log_refused_credential(exc.message)
            raise
        if credential is None:
            raise MissingCredentialError(
                "no credential; send an API key in x-api-key or a JWT in"
                " Authorization: Bearer"
            )
        if credential.kind is CredentialKind.API_KEY:
            principal = await self.authenticate_key(credential)
        else:
            with refusals_logged(credential.header):
                principal = await self.authenticate_token(credential)
        names = values_of(ACCOUNT_HEADER)
        return to_audited_account(principal, names) if names else principal

    async def authenticate_token(self, credential: Credential) -> Principal:
        """Resolve a JWT.

        Raises:
            UnauthenticatedError: It is invalid, or the gateway accepts no JWT.
            OverloadedError: Its issuer's keys cannot be fetched.
        """
        if self.rules is None:
            raise UnauthenticatedError(
                "this gateway takes no JWT; send an API key in x-api-key"
            )
        if self.provider is None:
            return verify_token(credential.text, self.rules)
        header = parse_token_header(credential.text, self.rules)
        key = await self.provider.find_key(header.kid, header.algorithm)
        return verify_token(credential.text, self.rules, key=key)

    async def authenticate_key(self, credential: Credential) -> Principal:
        """Resolve an API key.

        Raises:
            UnauthenticatedError: It is unknown, revoked or expired.
            DatabaseUnavailableError: It cannot be looked up.
        """
        digest = credential.digest
        key = self.recent.get(digest) or await self.read_key(credential, digest)
        now = datetime.now(UTC)
        if reason := to_key_refusal(key, now=now):
            log_refused_credential(reason, header=credential.header, key=key)
            raise UnauthenticatedError(reason)
        self.uses.note(key, now=now)
        return Principal(
            account=key.account,
            project_id=key.project_id,
            subject=key.prefix,
            kind=CredentialKind.API_KEY,
            scopes=key.scopes,
            key_prefix=key.prefix,
        )

    async def read_key(self, credential: Credential, digest: bytes) -> ApiKeyRecord:
        """Read the key that matches as a whole.

        Raises:
            UnauthenticatedError: Its prefix or its secret is unknown; neither message
                nor timing reveals which.
            DatabaseUnavailableError: It cannot be looked up.
        """
        read_at_s = self.clock()
        # A text of another form may be secret throughout, and statements may be logged.
        prefix = to_prefix(credential.text) or ""
        keys = await read_api_keys(self.database, prefix=prefix, digest=digest)
        matching = [key for key in keys if compare_digest(digest, key.digest)]
        if not matching:
            reason = to_key_hint(credential)
            log_refused_credential(
                reason, header=credential.header, key=next(iter(keys), None)
            )
            raise UnauthenticatedError(reason)
        self.recent.put(matching[0], read_at_s=read_at_s)
        return matching[0]


def to_audited_account(principal: Principal, names: Sequence[str]) -> Principal:
    """Switch to the account that a request names, logging that or its refusal."""
    try:
        named = to_named_account(principal, names)
    except ForbiddenError as exc:
        log_refused_credential(exc.message, header=ACCOUNT_HEADER, key=principal)
        raise
    if named.own_account is not None:
        log_account_named(named)
    return named


def to_provider(settings: Settings) -> IdentityProvider | None:
    """Make the identity provider; None where tokens are checked with a set key.

    Raises:
        SettingsError: The issuer is no address to fetch from.
    """
    issuer = settings.jwt_issuer
    if issuer is None or settings.jwt_secret or settings.jwt_public_key:
        return None
    return IdentityProvider(issuer, refresh_s=settings.jwt_refresh_s)


def to_key_refusal(key: ApiKeyRecord, *, now: datetime) -> str | None:
    """Say why a known key is not valid any more; None where it is."""
    if key.revoked_at is not None:
        return "the API key is revoked; ask for a new one"
    if key.expires_at is not None and key.expires_at <= now:
        return "the API key has expired; ask for a new one"
    return None
