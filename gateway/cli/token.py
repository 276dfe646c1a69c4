"""`gateway token`: a JWT for development, signed with the gateway's own secret."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.auth.keys import parse_expiry
from gateway.auth.names import (
    parse_account,
    parse_project_id,
    parse_scopes,
    parse_subject,
)
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import TokenRequest, sign_token
from gateway.settings import read_settings


def token(
    *,
    account: Annotated[str, typer.Option(help="Whose jobs the token may see.")],
    subject: Annotated[str, typer.Option(help="Who sends it: its `sub`.")],
    project: Annotated[
        int | None, typer.Option(help="The only project it may see; else all.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do; repeat for more; else GATEWAY_DEFAULT_SCOPES."
        ),
    ] = None,
    expires: Annotated[
        str, typer.Option(help="12h, 90d, 4w, 1y, or an RFC 3339 instant.")
    ] = "1h",
) -> None:
    """Sign a JWT for development with GATEWAY_JWT_SECRET and print it."""
    request = TokenRequest(
        account=parse_account(account),
        subject=parse_subject(subject),
        project_id=parse_project_id(project),
        scopes=parse_scopes(scope) if scope else None,
        expires_at=parse_expiry(expires, now=datetime.now(UTC)),
    )
    typer.echo(sign_token(request, to_token_rules(read_settings())))
