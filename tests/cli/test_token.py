from collections.abc import Callable
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.auth.claims import ClaimNames
from gateway.auth.token_rules import TokenRules
from gateway.auth.tokens import verify_token
from gateway.cli.credential_commands import token
from gateway.errors import InputError, SettingsError

SECRET = "s3cr3t-" * 5
SCOPES = frozenset({"jobs:read"})
RULES = TokenRules(
    key=SECRET.encode(), algorithms=("HS256",), issuer="id", default_scopes=SCOPES
)

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Run `gateway token` with a secret."""
    app = typer.Typer()
    app.command()(token)
    environment = {"GATEWAY_JWT_SECRET": SECRET, "GATEWAY_JWT_ISSUER": "id"}
    return lambda *words, **changes: CliRunner(env={**environment, **changes}).invoke(
        app, ["--account", "acme", "--subject", "ada", *words]
    )


def test_a_token_holds_by_the_settings_it_was_signed_with(run: Run) -> None:
    principal = verify_token(run("--project", "7").stdout.strip(), RULES)
    assert (principal.account, principal.subject) == ("acme", "ada")
    assert principal.project_id == 7
    assert principal.scopes == SCOPES


def test_a_token_has_the_scopes_that_were_asked_for(run: Run) -> None:
    result = run("--scope", "admin", "--scope", "usage:read")
    scopes = verify_token(result.stdout.strip(), RULES).scopes
    assert scopes == {"admin", "usage:read"}


def test_a_token_has_its_claims_under_the_names_that_are_set(run: Run) -> None:
    signed = run(GATEWAY_JWT_ACCOUNT_CLAIM="tenant").stdout.strip()
    rules = replace(RULES, names=ClaimNames(account="tenant"))
    assert verify_token(signed, rules).account == "acme"


def test_an_issuer_alone_signs_nothing_here(run: Run) -> None:
    result = run(GATEWAY_JWT_SECRET=None, GATEWAY_JWT_ISSUER="https://id.example.com")
    assert isinstance(result.exception, SettingsError)
    assert "or get a token from your issuer" in result.exception.message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--account", ""], "the account must be a text"),
        (["--subject", "\n"], "the subject must be a text"),
        (["--project", "-1"], "the project must be a whole number"),
        (["--scope", "x"], "the scopes are jobs:read"),
        (["--expires", "never"], "'never' is no expiry"),
        (["--expires", "2001-01-01T00:00:00Z"], "is in the past"),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    run: Run, words: list[str], message: str
) -> None:
    result = run(*words)
    assert isinstance(result.exception, InputError)
    assert message in result.exception.message


def test_a_token_is_not_signed_with_a_short_secret(run: Run) -> None:
    result = run(GATEWAY_JWT_SECRET=SECRET[:31])
    assert isinstance(result.exception, SettingsError)
    assert "GATEWAY_JWT_SECRET is too short" in result.exception.message
