import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.auth.authenticate import Authenticator
from gateway.auth.credentials import HeaderValues
from gateway.auth.issuing import KeyRequest, issue_key, revoke_key
from gateway.auth.principal import CredentialKind, Principal
from gateway.errors import (
    DatabaseUnavailableError,
    SettingsError,
    UnauthenticatedError,
)
from gateway.settings import Settings, read_settings
from gateway.store.database import Database, open_database
from tests.auth.headers import to_headers
from tests.auth.records import CREATED_AT, put_key
from tests.auth.signing import SECRET, make_claims, make_token

KEY = to_headers(("x-api-key", "ei_abc.s3cr3t"))


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
