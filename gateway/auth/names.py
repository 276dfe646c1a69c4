"""Valid names of accounts, subjects, projects and scopes."""

import unicodedata
from collections.abc import Iterable

from gateway.errors import InputError
from gateway.setting_texts import SCOPES

MAX_NAME_LENGTH = 255
MAX_PROJECT_ID = 2**63 - 1
MAX_DIGITS = len(str(MAX_PROJECT_ID))
# Control characters and lone surrogates: not every database stores them.
REFUSED_CATEGORIES = ("Cc", "Cs")


def is_name(text: str) -> bool:
    """Tell whether a text can name an account or a subject."""
    return (
        0 < len(text) <= MAX_NAME_LENGTH
        and not text.isspace()
        and not any(unicodedata.category(c) in REFUSED_CATEGORIES for c in text)
    )


def to_whole_number(text: str) -> int | None:
    """Convert digits; None for another text, and where there are too many."""
    is_number = len(text) <= MAX_DIGITS and text.isascii() and text.isdigit()
    return int(text) if is_number else None


def is_project_id(number: int) -> bool:
    """Tell whether a number can be a project's."""
    return 0 <= number <= MAX_PROJECT_ID


def parse_account(text: str) -> str:
    """Check the name of an account.

    Raises:
        InputError: It is empty, too long, or has control characters.
    """
    return parse_name(text, "account")


def parse_subject(text: str) -> str:
    """Check the subject of a token.

    Raises:
        InputError: It is empty, too long, or has control characters.
    """
    return parse_name(text, "subject")


def parse_name(text: str, what: str) -> str:
    """Check a name, which the message calls `what`.

    Raises:
        InputError: It is empty, too long, or has control characters.
    """
    if not is_name(text):
        raise InputError(
            f"the {what} must be a text of 1 to {MAX_NAME_LENGTH} characters"
            " without control characters"
        )
    return text


def parse_project_id(number: int | None) -> int | None:
    """Check the number of a project, if one is given.

    Raises:
        InputError: It is negative or too large.
    """
    if number is not None and not is_project_id(number):
        raise InputError(
            f"the project must be a whole number from 0 to {MAX_PROJECT_ID},"
            f" not {number}"
        )
    return number


def parse_scopes(words: Iterable[str]) -> frozenset[str]:
    """Check the names of scopes.

    Raises:
        InputError: One is unknown; the message lists all scopes.
    """
    scopes = frozenset(words)
    if unknown := sorted(scopes - set(SCOPES)):
        raise InputError(
            f"unknown scope {', '.join(map(repr, unknown))};"
            f" the scopes are {', '.join(SCOPES)}"
        )
    return scopes
