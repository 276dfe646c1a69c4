"""The GraphQL type of the caller."""

from datetime import UTC, datetime

import strawberry

from gateway.auth.principal import CredentialKind
from gateway.auth.rate_limits import RateUsage
from gateway.schema.fields import plain
from gateway.schema.roots import Root
from gateway.schema.scalars import BigInt, DateTime


@strawberry.type(description="How many requests the credential has.")
class RateLimit:
    limit: int = plain("Requests in a window of time.")
    remaining: int = plain("Requests that are left in this window, after this one.")
    reset_at: DateTime = plain("When all of them are there again.")


@strawberry.type(description="Who is asking, and what they may see.")
class Viewer:
    account_identifier: str = plain("Account whose jobs are answered with.")
    project_id: BigInt | None = plain(
        "The only project whose jobs are answered with; null: all of the account."
    )
    credential: CredentialKind = plain("Form of the credential.")
    subject: str = plain("The token's `sub`, or the key's prefix.")
    key_prefix: str | None = plain("Public prefix of the API key; null: a token.")
    scopes: list[str] = plain("What the credential may do, by scope.")
    rate_limit: RateLimit | None = plain("How many requests are left; null: no limit.")
    server_time: DateTime = plain("The server's clock when it answered.")


async def resolve_viewer(root: Root) -> Viewer:
    """Give the caller's account, credential and rate limit."""
    caller = root.request.caller
    if caller is None:
        raise TypeError("a resolver runs without a caller")
    principal = caller.principal
    project = principal.project_id
    return Viewer(
        account_identifier=principal.account,
        project_id=None if project is None else BigInt(project),
        credential=principal.kind,
        subject=principal.subject,
        key_prefix=principal.key_prefix,
        scopes=sorted(principal.scopes),
        rate_limit=to_rate_limit(caller.rate_usage),
        server_time=DateTime(root.request.now),
    )


def to_rate_limit(usage: RateUsage | None) -> RateLimit | None:
    """Convert a rate limit's usage; None is no limit."""
    if usage is None:
        return None
    return RateLimit(
        limit=usage.limit,
        remaining=usage.remaining,
        reset_at=DateTime(datetime.fromtimestamp(usage.reset_at_s, UTC)),
    )
