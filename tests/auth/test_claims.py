from typing import Any

import pytest

from gateway.auth.claims import ClaimNames, to_principal
from gateway.auth.principal import CredentialKind, Principal
from gateway.errors import UnauthenticatedError

DEFAULT = frozenset({"jobs:read", "usage:read"})


def to_claims(**claims: Any) -> dict[str, Any]:  # noqa: ANN401 -- any claim
    return {"account": "acme", "sub": "ada", **claims}


def test_claims_become_a_principal() -> None:
    claims = to_claims(project=7, scope="jobs:read profile")
    assert to_principal(claims, default_scopes=DEFAULT) == Principal(
        account="acme",
        project_id=7,
        subject="ada",
        kind=CredentialKind.JWT,
        scopes=frozenset({"jobs:read", "profile"}),
    )


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, DEFAULT),
        ({"scope": "usage:read  admin"}, {"usage:read", "admin"}),
        ({"scp": ["usage:read", "email"]}, {"usage:read", "email"}),
        ({"scp": "usage:read"}, {"usage:read"}),
        ({"scope": "jobs:read", "scp": ["admin"]}, {"jobs:read"}),
        ({"scope": "openid offline_access jobs:read"}, {"jobs:read"}),
        ({"scope": "JOBS:READ"}, set()),
        ({"scope": ""}, set()),
        ({"scp": []}, set()),
    ],
)
def test_scopes_are_the_known_words_of_either_claim(
    claims: dict[str, Any], scopes: set[str]
) -> None:
    assert to_principal(to_claims(**claims), default_scopes=DEFAULT).scopes == scopes


@pytest.mark.parametrize(
    ("project", "number"), [(0, 0), (7, 7), ("42", 42), (str(2**63 - 1), 2**63 - 1)]
)
def test_a_project_is_a_number_or_its_text(project: object, number: int) -> None:
    claims = to_claims(project=project)
    assert to_principal(claims, default_scopes=DEFAULT).project_id == number


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        *(
            ({"account": value}, "claim 'account' must be a text of 1 to 255")
            for value in (None, "", 7, ["acme"], "a" * 256, "a\x00b", "\ud800")
        ),
        *(
            ({"sub": value}, "claim 'sub' must be a text of 1 to 255")
            for value in (None, "", 7, "a\nb")
        ),
        *(
            ({"project": value}, "claim 'project' must be a whole number")
            for value in (None, -1, 2**63, 1.5, True, "", "-1", "x", "٣", "9" * 5000)
        ),
        *(
            ({"scope": value}, "claim 'scope' must be a text of words")
            for value in (None, 7, {"jobs:read": True}, ["jobs:read", 7])
        ),
        ({"scp": None}, "claim 'scp' must be a text of words"),
    ],
)
def test_a_claim_of_another_type_is_refused(
    claims: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnauthenticatedError, match=message):
        to_principal(to_claims(**claims), default_scopes=DEFAULT)


def test_a_message_names_the_claim_as_it_is_called() -> None:
    names = ClaimNames(account="tenant", project="p")
    for claims, name in (({}, "tenant"), ({"tenant": "acme", "p": None}, "p")):
        with pytest.raises(UnauthenticatedError, match=f"claim '{name}' must be"):
            to_principal({"sub": "a", **claims}, default_scopes=DEFAULT, names=names)
