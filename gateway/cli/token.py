"""`gateway token`: a JWT for development, signed with the gateway's own secret."""

from datetime import UTC, datetime

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


def print_token(
    *,
    account: str,
    subject: str,
    project: int | None,
    scope: list[str] | None,
    expires: str,
) -> None:
    """Sign a token with the gateway's secret and print it.

    Raises:
        InputError: A token cannot say that.
        SettingsError: There is no secret to sign with.
    """
    request = TokenRequest(
        account=parse_account(account),
        subject=parse_subject(subject),
        project_id=parse_project_id(project),
        scopes=parse_scopes(scope) if scope else None,
        expires_at=parse_expiry(expires, now=datetime.now(UTC)),
    )
    typer.echo(sign_token(request, to_token_rules(read_settings())))
