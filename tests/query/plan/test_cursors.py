import json
from base64 import urlsafe_b64encode

import pytest

from gateway.errors import CursorError
from gateway.query.plan.cursors import decode_cursor, encode_cursor, make_fingerprint

MARK = make_fingerprint("acme", "jobs", "created_at", 1, [("status", ["FAILED"])])


def spell(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    ("value", "key"),
    [(0, 1), (-(2**63), 2**63 - 1), ("", 0), ("Zoë 🦊", 7)],
    ids=["numbers", "limits", "empty text", "text"],
)
def test_a_cursor_is_read_as_it_was_made(value: int | str, key: int) -> None:
    assert decode_cursor(encode_cursor(MARK, value, key), MARK, "after") == (value, key)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "no cursor",
        "é",
        "bm9uZQ==",
        "A" * 4_000,
        spell([MARK, 1]),
        spell([MARK, 1, 2, 3]),
        spell([MARK, 1, "2"]),
        spell([MARK, 1.5, 2]),
        spell([MARK, True, 2]),
        spell([MARK, 2**63, 2]),
        spell([MARK, 1, -(2**63) - 1]),
        spell([MARK, "a\0", 2]),
        spell([1, 1, 2]),
        spell({"mark": MARK}),
        encode_cursor(MARK, 1, 2)[:-3],
    ],
)
def test_what_is_no_cursor_is_refused_by_the_name_of_its_argument(cursor: str) -> None:
    with pytest.raises(CursorError, match=r"^before is no cursor; give a cursor"):
        decode_cursor(cursor, MARK, "before")


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = encode_cursor(make_fingerprint("acme", "jobs"), 1, 2)
    with pytest.raises(CursorError, match=r"^after is a cursor of another list"):
        decode_cursor(cursor, MARK, "after")


def test_fingerprints_tell_lists_apart() -> None:
    parts = [("a", "b"), ("a", "b", None), ("b", "a"), ("ab",), (("a", "b"),)]
    assert len({make_fingerprint(*part) for part in parts}) == len(parts)
