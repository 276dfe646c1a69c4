from dataclasses import replace

import pytest

from gateway.auth.accounts import to_named_account
from gateway.auth.principal import CredentialKind, Principal
from gateway.errors import ForbiddenError, RequestError

ADMIN = Principal(
    account="acme",
    subject="ada",
    kind=CredentialKind.JWT,
    scopes=frozenset({"admin"}),
)


def test_an_administrator_acts_in_the_account_that_is_named() -> None:
    assert to_named_account(ADMIN, ["globex"]) == replace(
        ADMIN, account="globex", own_account="acme"
    )


def test_a_name_comes_as_the_bytes_of_utf_8() -> None:
    value = "Ünïcode".encode().decode("latin-1")
    assert to_named_account(ADMIN, [value]).account == "Ünïcode"


def test_others_may_name_no_account_not_even_their_own() -> None:
    principal = replace(ADMIN, scopes=frozenset({"jobs:read", "jobs:write"}))
    with pytest.raises(ForbiddenError) as raised:
        to_named_account(principal, ["acme"])
    assert raised.value.message == "x-account needs the scope admin"
    assert raised.value.scopes == ("admin",)


def test_an_administrator_of_a_project_stays_there() -> None:
    principal = replace(ADMIN, project_id=7)
    assert to_named_account(principal, ["acme"]) == principal
    with pytest.raises(ForbiddenError, match="for one project of its own"):
        to_named_account(principal, ["globex"])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["acme", "globex"], "the request has two x-account headers; send one"),
        ([""], "x-account must be a text of 1 to 255 characters"),
        (["a" * 256], "x-account must be a text of 1 to 255 characters"),
        (["a\x00"], "x-account must be a text of 1 to 255 characters"),
        (["\xff"], "in UTF-8"),
    ],
)
def test_what_names_no_account_is_refused(values: list[str], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        to_named_account(ADMIN, values)
