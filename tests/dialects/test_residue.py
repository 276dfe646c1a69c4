import pytest

from gateway.dialects.residue import JsonObject, is_same, restore, to_residue
from gateway.errors import DecodeError
from gateway.records import JsonValue


@pytest.mark.parametrize(
    ("document", "residue"),
    [
        pytest.param({"a": 1, "b": None}, {}, id="same"),
        pytest.param({"a": 1}, {"unset": ["b"]}, id="absent, not null"),
        pytest.param({"a": 1.0, "b": None}, {"set": {"a": 1.0}}, id="another kind"),
        pytest.param({"a": 1, "b": None, "c": 0}, {"set": {"c": 0}}, id="more"),
    ],
)
def test_only_what_differs_is_kept(document: JsonObject, residue: JsonObject) -> None:
    assert is_same(to_residue(document, {"a": 1, "b": None}), residue)


def test_of_nested_objects_and_lists_only_the_difference_is_kept() -> None:
    document: JsonObject = {"user": {"id": 1, "x": 2}, "inputs": [{"n": 1}, {"n": 2.0}]}
    encoded: JsonObject = {"user": {"id": 1}, "inputs": [{"n": 1}, {"n": 2}]}
    residue = to_residue(document, encoded)
    assert residue == {
        "in": {
            "user": {"set": {"x": 2}},
            "inputs": {"in": {"1": {"set": {"n": 2.0}}}},
        }
    }
    assert is_same(restore(encoded, residue), document)


def test_a_list_of_another_length_is_kept_whole() -> None:
    assert to_residue({"a": [1]}, {"a": [1, 2]}) == {"set": {"a": [1]}}


def test_a_nested_residue_without_its_object_changes_nothing() -> None:
    assert restore({"a": None}, {"in": {"a": {"set": {"b": 1}}}}) == {"a": None}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(1, True, id="number and truth"),
        pytest.param(1, 1.0, id="integer and fraction"),
        pytest.param(0.0, -0.0, id="signs of zero"),
        pytest.param([1], [1.0], id="in a list"),
        pytest.param({"a": 0}, {"a": False}, id="in an object"),
    ],
)
def test_values_of_different_json_text_differ(
    left: JsonValue, right: JsonValue
) -> None:
    assert not is_same(left, right)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("a\0", "NUL", id="NUL"),
        pytest.param({"\\\0": 1}, "NUL", id="NUL in a key, after a backslash"),
        pytest.param("\ud800", "UTF-8", id="lone surrogate"),
        pytest.param(2**64, "64 bits", id="long integer"),
        pytest.param(float("inf"), "infinity", id="infinity"),
    ],
)
def test_what_json_cannot_hold_is_refused(value: JsonValue, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        to_residue({"extra": value}, {})


def test_a_backslash_before_u0000_is_no_nul() -> None:
    document: JsonObject = {"extra": r"\u0000"}
    assert restore({}, to_residue(document, {})) == document
