import base64
import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.auth.authenticate import Authenticator
from gateway.auth.credentials import HeaderValues
from gateway.auth.issuing import KeyRequest, issue_key, revoke_key
from gateway.auth.principal import CredentialKind, Principal
from gateway.auth.taking_over import import_keys
from gateway.errors import (
    DatabaseUnavailableError,
    ForbiddenError,
    SettingsError,
    UnauthenticatedError,
)
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from gateway.store.keys import list_api_keys
from tests.auth.headers import to_headers
from tests.auth.jwks import PrivateKey, to_jwk
from tests.auth.records import CREATED_AT, put_key
from tests.auth.signing import SECRET, make_claims, make_token

KEY = to_headers(("x-api-key", "ei_abc.s3cr3t"))
ISSUER = "https://id.example.com"
P256 = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def authenticator(settings: Settings, database: Database) -> Authenticator:
    return Authenticator(settings.replace(jwt_secret=SECRET), database)


async def refusal_of(authenticator: Authenticator, headers: HeaderValues) -> str:
    with pytest.raises(UnauthenticatedError) as raised:
        await authenticator.authenticate(headers)
    return raised.value.message


async def test_an_api_key_names_a_principal(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, project_id=7)
    assert await authenticator.authenticate(KEY) == Principal(
        account="acme",
        project_id=7,
        subject="ei_abc",
        kind=CredentialKind.API_KEY,
        scopes=frozenset({"jobs:read", "usage:read"}),
        key_prefix="ei_abc",
    )


async def test_a_token_names_a_principal(authenticator: Authenticator) -> None:
    headers = to_headers(("authorization", f"Bearer {make_token()}"))
    assert await authenticator.authenticate(headers) == Principal(
        account="acme",
        subject="ada",
        kind=CredentialKind.JWT,
        scopes=frozenset({"jobs:read", "usage:read"}),
    )


async def test_a_request_without_a_credential_is_told_the_forms(
    authenticator: Authenticator,
) -> None:
    assert await refusal_of(authenticator, to_headers()) == (
        "no credential; send an API key in x-api-key or a JWT in Authorization: Bearer"
    )


async def test_an_unknown_prefix_and_a_wrong_secret_look_the_same(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, revoked_at=CREATED_AT, expires_at=CREATED_AT)
    for text in ("ei_abc.wrong", "ei_xyz.s3cr3t", "ei_abc.s3cr3", "EI_ABC.s3cr3t"):
        headers = to_headers(("x-api-key", text))
        assert await refusal_of(authenticator, headers) == "unknown API key"


async def test_a_revoked_key_is_told_so(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, revoked_at=CREATED_AT)
    assert await refusal_of(authenticator, KEY) == (
        "the API key is revoked; ask for a new one"
    )


async def test_an_expired_key_is_told_so(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await refusal_of(authenticator, KEY) == (
        "the API key has expired; ask for a new one"
    )


async def test_a_key_that_expires_later_holds(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert (await authenticator.authenticate(KEY)).account == "acme"


async def test_a_key_is_trusted_for_two_seconds_and_no_longer(
    settings: Settings, database: Database
) -> None:
    now_s = 100.0
    authenticator = Authenticator(settings, database, clock=lambda: now_s)
    await put_key(database)
    await authenticator.authenticate(KEY)
    await revoke_key(database, "ei_abc")
    now_s = 101.9
    assert (await authenticator.authenticate(KEY)).account == "acme"
    now_s = 102.0
    assert "is revoked" in await refusal_of(authenticator, KEY)


async def test_a_key_that_expires_while_it_is_trusted_is_refused(
    authenticator: Authenticator, database: Database
) -> None:
    record = await put_key(database)
    await authenticator.authenticate(KEY)
    authenticator.recent.put(
        replace(record, expires_at=CREATED_AT), read_at_s=authenticator.clock()
    )
    assert "has expired" in await refusal_of(authenticator, KEY)


async def test_wrong_keys_are_not_remembered(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database)
    for text in ("ei_abc.wrong", "ei_xyz.s3cr3t"):
        await refusal_of(authenticator, to_headers(("x-api-key", text)))
    assert not authenticator.recent.entries


async def test_a_remembered_key_does_not_let_a_wrong_secret_pass(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database)
    await authenticator.authenticate(KEY)
    headers = to_headers(("x-api-key", "ei_abc.wrong"))
    assert await refusal_of(authenticator, headers) == "unknown API key"


async def test_a_token_is_refused_where_no_key_is_set(
    settings: Settings, database: Database
) -> None:
    authenticator = Authenticator(settings, database)
    headers = to_headers(("x-jwt-token", make_token()))
    assert await refusal_of(authenticator, headers) == (
        "this gateway takes no JWT; send an API key in x-api-key"
    )


async def test_settings_that_cannot_work_stop_the_start(
    settings: Settings, database: Database
) -> None:
    short = settings.replace(jwt_secret=SECRET[:31])
    with pytest.raises(SettingsError, match="GATEWAY_JWT_SECRET is too short"):
        Authenticator(short, database)


async def test_a_database_that_is_not_there_is_no_refusal(
    empty_sqlite_url: str,
) -> None:
    settings = read_settings(database_url=empty_sqlite_url)
    database = open_database(settings)
    with pytest.raises(DatabaseUnavailableError):
        await Authenticator(settings, database).authenticate(KEY)
    await database.close()


async def test_each_refused_credential_is_one_log_line_without_its_secret(
    authenticator: Authenticator, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await put_key(database, revoked_at=CREATED_AT)
    token = make_token(make_claims(account="s3cr3t"), key="another" * 9)
    pairs = [
        ("x-api-key", "ei_abc.s3cr3t"),
        ("x-api-key", "ei_abc.s3cr3t-wrong"),
        ("x-api-key", "s3cr3t"),
        ("authorization", "s3cr3t"),
        ("authorization", f"Bearer {token}"),
    ]
    for pair in pairs:
        await refusal_of(authenticator, to_headers(pair))
    lines = [record for record in caplog.records if record.name == "gateway.audit"]
    assert [vars(line)["event"] for line in lines] == ["credential_refused"] * 5
    seen = [str(vars(record)) for record in caplog.records]
    assert not any(secret in line for line in seen for secret in ("s3cr3t", token))


async def test_a_refusal_names_the_key_only_where_its_prefix_is_known(
    authenticator: Authenticator, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await put_key(database)
    for text in ("ei_abc.wrong", "ei_xyz.s3cr3t"):
        await refusal_of(authenticator, to_headers(("x-api-key", text)))
    named = [(vars(r)["account"], vars(r)["key_prefix"]) for r in caplog.records]
    assert named == [("acme", "ei_abc"), (None, None)]


async def test_a_key_of_its_issue_holds_until_it_is_revoked(
    settings: Settings, database: Database
) -> None:
    request = KeyRequest(account="acme", scopes=["jobs:read"], prefix="ei_")
    issued = await issue_key(database, request)
    headers = to_headers(("authorization", f"Token {issued.text}"))
    principal = await Authenticator(settings, database).authenticate(headers)
    assert principal.scopes == {"jobs:read"}
    await revoke_key(database, issued.record.prefix)
    assert "is revoked" in await refusal_of(Authenticator(settings, database), headers)


@pytest.mark.parametrize(
    "text", ["0123456789abcdef0123", "clé, with a blank", "three.parts.of-a-text"]
)
async def test_a_key_of_any_text_holds_once_it_was_taken_over(
    authenticator: Authenticator, database: Database, text: str
) -> None:
    await import_keys(database, [text], KeyRequest(account="acme", scopes=["admin"]))
    as_sent = text.encode().decode("latin-1")
    for _ in range(2):
        headers = to_headers(("authorization", f"Token {as_sent}"))
        assert (await authenticator.authenticate(headers)).scopes == {"admin"}
    wrong = to_headers(("x-api-key", f"{as_sent}x"))
    assert "takes an API key" in await refusal_of(authenticator, wrong)


async def test_the_use_of_a_key_is_noted_and_written_at_the_end(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database)
    async with authenticator.running():
        await authenticator.authenticate(KEY)
    (key,) = await list_api_keys(database)
    assert key.last_used_at is not None


async def test_a_refused_key_is_not_used(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, revoked_at=CREATED_AT)
    await refusal_of(authenticator, KEY)
    assert authenticator.uses.unwritten == {}


async def test_an_administrator_names_an_account_for_a_request(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database, scopes=frozenset({"admin"}))
    pair = ("x-api-key", "ei_abc.s3cr3t")
    named = to_headers(pair, ("x-account", "globex"))
    assert (await authenticator.authenticate(named)).account == "globex"
    assert (await authenticator.authenticate(to_headers(pair))).account == "acme"


async def test_others_name_no_account(
    authenticator: Authenticator, database: Database
) -> None:
    await put_key(database)
    headers = to_headers(("x-api-key", "ei_abc.s3cr3t"), ("x-account", "globex"))
    with pytest.raises(ForbiddenError, match="x-account needs the scope admin"):
        await authenticator.authenticate(headers)


def to_issuer_authenticator(
    settings: Settings, database: Database, key: PrivateKey
) -> Authenticator:
    """Give an authenticator whose provider publishes a key."""
    authenticator = Authenticator(
        settings.replace(jwt_issuer=ISSUER, jwt_audience="jobs"), database
    )
    documents: dict[str, dict[str, Any]] = {
        f"{ISSUER}/.well-known/openid-configuration": {
            "issuer": ISSUER,
            "jwks_uri": f"{ISSUER}/keys",
        },
        f"{ISSUER}/keys": {"keys": [to_jwk(key)]},
    }

    async def fetch(url: str) -> dict[str, Any]:
        return documents[url]

    assert authenticator.provider is not None
    authenticator.provider.fetch = fetch
    return authenticator


def to_bearer(key: bytes | PrivateKey, kid: str = "first", **header: Any) -> str:  # noqa: ANN401 -- any member
    claims = make_claims(iss=ISSUER, aud="jobs")
    algorithm = "HS256" if isinstance(key, bytes) else "ES256"
    signed = jwt.encode(claims, key, algorithm, {"kid": kid, **header})
    return f"Bearer {signed}"


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "application/at+jwt"])
async def test_the_issuer_alone_is_enough_to_take_its_tokens(
    settings: Settings, database: Database, typ: str
) -> None:
    authenticator = to_issuer_authenticator(settings, database, P256)
    headers = to_headers(("authorization", to_bearer(P256, typ=typ)))
    async with authenticator.running():
        assert (await authenticator.authenticate(headers)).subject == "ada"


@pytest.mark.parametrize(
    ("bearer", "message"),
    [
        (to_bearer(ec.generate_private_key(ec.SECP256R1())), "signature is wrong"),
        (to_bearer(P256, kid="second"), "its issuer does not publish"),
        (to_bearer(SECRET.encode()), r"algorithm \(alg\) is not accepted"),
        (to_bearer(P256, jku="https://evil.example"), "has jku, which is never"),
        (to_bearer(P256, typ="dpop+jwt"), "its typ must be JWT or at.jwt"),
    ],
    ids=["other key", "other kid", "a secret", "jku", "typ"],
)
async def test_what_the_issuer_did_not_sign_is_refused(
    settings: Settings, database: Database, bearer: str, message: str
) -> None:
    authenticator = to_issuer_authenticator(settings, database, P256)
    headers = to_headers(("authorization", bearer))
    assert re.search(message, await refusal_of(authenticator, headers))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"jwk": {"kty": "EC"}}], ids=str)
async def test_a_token_with_a_wrong_header_brings_no_look_at_the_provider(
    settings: Settings, database: Database, header: dict[str, Any]
) -> None:
    authenticator = to_issuer_authenticator(settings, database, P256)
    parts = to_bearer(P256).split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", **header}).encode())
    token = ".".join([forged.decode().rstrip("="), *parts[1:]])
    await refusal_of(authenticator, to_headers(("authorization", f"Bearer {token}")))
    assert authenticator.provider is not None
    assert authenticator.provider.published is None


def test_a_key_that_is_set_makes_the_provider_unneeded(
    settings: Settings, database: Database
) -> None:
    settings = settings.replace(jwt_issuer=ISSUER, jwt_secret=SECRET)
    assert Authenticator(settings, database).provider is None


@pytest.mark.parametrize(("audience", "lines"), [(None, 1), ("jobs", 0)])
async def test_who_takes_tokens_for_any_service_is_warned(
    settings: Settings,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    *,
    audience: str | None,
    lines: int,
) -> None:
    authenticator = to_issuer_authenticator(settings, database, P256)
    assert authenticator.rules is not None
    authenticator.rules = replace(authenticator.rules, audience=audience)
    async with authenticator.running():
        pass
    assert caplog.text.count("GATEWAY_JWT_AUDIENCE is unset") == lines
