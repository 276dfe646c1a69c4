import pytest

from gateway.auth.names import parse_account, parse_project_id, parse_scopes
from gateway.errors import InputError


@pytest.mark.parametrize("text", ["acme", "a", "a" * 255, "Ünïcode & Söhne", "a.b/c"])
def test_an_account_is_any_text_of_a_sensible_length(text: str) -> None:
    assert parse_account(text) == text


@pytest.mark.parametrize(
    "text",
    ["", " ", "a" * 256, "a\nb", "a\x00b", "a\x7f", "\ud800"],
    ids=["empty", "blank", "long", "newline", "nul", "delete", "surrogate"],
)
def test_an_account_without_a_proper_name_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="1 to 255 characters without control"):
        parse_account(text)


@pytest.mark.parametrize("number", [None, 0, 1, 2**63 - 1])
def test_a_project_is_a_whole_number_or_none(number: int | None) -> None:
    assert parse_project_id(number) == number


@pytest.mark.parametrize("number", [-1, 2**63])
def test_a_project_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(InputError, match=f"from 0 to .*, not {number}"):
        parse_project_id(number)


def test_an_unknown_scope_is_answered_with_the_right_ones() -> None:
    with pytest.raises(InputError) as raised:
        parse_scopes(["jobs:read", "jobs:list"])
    assert raised.value.message == (
        "unknown scope 'jobs:list'; the scopes are"
        " jobs:read, usage:read, jobs:write, admin, profile, email"
    )
