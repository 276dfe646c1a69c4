import pytest

from gateway.auth.credentials import find_credential, to_key_hint
from gateway.auth.principal import CredentialKind
from gateway.errors import UnauthenticatedError
from tests.auth.headers import to_headers

KEY = "ei_abc.s3cr3t-s3cr3t"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2VjcmV0"

Pair = tuple[str, str]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (("x-api-key", KEY), KEY),
        (("x-api-key", f"  {KEY} "), KEY),
        (("authorization", f"ApiKey {KEY}"), KEY),
        (("authorization", f"apikey {KEY}"), KEY),
        (("authorization", f"Token {KEY}"), KEY),
        (("authorization", f"TOKEN   {KEY}"), KEY),
        (("authorization", f"Bearer {JWT}"), JWT),
        (("authorization", f"bEaReR {JWT}"), JWT),
        (("x-jwt-token", JWT), JWT),
        (("cookie", f"jwt={JWT}"), JWT),
        (("cookie", f'theme=dark; jwt="{JWT}"; flag; x=1'), JWT),
    ],
)
def test_every_form_is_found(header: Pair, text: str) -> None:
    credential = find_credential(to_headers(header))
    assert credential is not None
    assert credential.text == text
    expected = CredentialKind.API_KEY if text == KEY else CredentialKind.JWT
    assert credential.kind is expected


@pytest.mark.parametrize(
    "headers",
    [(), (("cookie", "theme=dark"),), (("cookie", "jwt"),), (("cookie", "xjwt=a"),)],
)
def test_a_request_without_a_credential_has_none(headers: tuple[Pair, ...]) -> None:
    assert find_credential(to_headers(*headers)) is None


@pytest.mark.parametrize("cookie", [f"jwt={JWT}", "jwt=", "jwt=a; jwt=b"])
def test_an_explicit_credential_wins_over_the_cookie(cookie: str) -> None:
    headers = to_headers(("cookie", cookie), ("x-api-key", KEY))
    credential = find_credential(headers)
    assert credential is not None
    assert credential.header == "x-api-key"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            [("x-api-key", KEY), ("authorization", f"Bearer {JWT}")],
            "x-api-key and authorization carry a credential each",
        ),
        (
            [("x-jwt-token", JWT), ("authorization", f"Bearer {JWT}")],
            "authorization and x-jwt-token carry a credential each",
        ),
        (
            [("x-api-key", KEY), ("x-api-key", KEY)],
            "x-api-key is there more than once",
        ),
        (
            [("authorization", f"ApiKey {KEY}"), ("authorization", f"ApiKey {KEY}")],
            "authorization is there more than once",
        ),
        (
            [("cookie", f"jwt={JWT}; jwt={JWT}")],
            "cookie jwt is there more than once",
        ),
        (
            [("cookie", f"jwt={JWT}"), ("cookie", f"jwt={JWT}")],
            "cookie jwt is there more than once",
        ),
    ],
)
def test_two_credentials_are_refused(headers: list[Pair], message: str) -> None:
    with pytest.raises(UnauthenticatedError) as raised:
        find_credential(to_headers(*headers))
    assert raised.value.message == f"{message}; send one credential"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (("x-api-key", ""), "x-api-key is empty; it takes an API key"),
        (("x-api-key", "a\x00.s3cr3t"), "x-api-key takes an API key, PREFIX.SECRET"),
        (("x-api-key", f"a.{'s3cr3t' * 2000}"), "x-api-key is longer than 8192 bytes"),
        (("authorization", ""), "authorization has no scheme the gateway knows"),
        (("authorization", KEY), "authorization has no scheme the gateway knows"),
        (("authorization", "Basic s3cr3t"), "send Authorization: Bearer JWT, ApiKey"),
        (("authorization", "Bearer"), "authorization: bearer is empty; it takes a JWT"),
        (("authorization", f"Bearer {KEY}"), "takes a JWT, .* API key in x-api-key"),
        (("authorization", f"Bearer {JWT} {JWT}"), "authorization: bearer takes a JWT"),
        (("x-jwt-token", KEY), "x-jwt-token takes a JWT, three parts joined by dots"),
        (("x-jwt-token", "a.b.c.s3cr3t.e"), "x-jwt-token takes a JWT, three parts"),
        (("x-jwt-token", f"{JWT}{'s3cr3t' * 2000}"), "x-jwt-token is longer than 8192"),
        (("cookie", "jwt="), "cookie jwt is empty; it takes a JWT"),
        (("cookie", "jwt=s3cr3t"), "cookie jwt takes a JWT"),
    ],
)
def test_a_malformed_credential_is_refused_without_repeating_it(
    header: Pair, message: str
) -> None:
    with pytest.raises(UnauthenticatedError, match=message) as raised:
        find_credential(to_headers(header))
    assert "s3cr3t" not in raised.value.message


def test_a_credential_is_not_seen_in_its_repr() -> None:
    credential = find_credential(to_headers(("x-api-key", KEY)))
    assert "s3cr3t" not in repr(credential)


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        (("x-api-key", KEY), "unknown API key"),
        (("x-api-key", "no-dot"), "x-api-key takes an API key, PREFIX.SECRET"),
        (("x-api-key", f"{KEY}, {KEY}"), "x-api-key takes an API key, PREFIX.SECRET"),
        (("x-api-key", JWT), "send a JWT in Authorization: Bearer"),
        (("authorization", f"Token {JWT}"), "authorization: token takes an API key"),
    ],
)
def test_any_text_may_be_a_key_and_an_unknown_one_is_told_the_usual_form(
    header: Pair, hint: str
) -> None:
    credential = find_credential(to_headers(header))
    assert credential is not None
    assert hint in to_key_hint(credential)
