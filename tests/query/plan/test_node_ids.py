import json
from base64 import urlsafe_b64encode

import pytest

from gateway.errors import InputError
from gateway.query.plan.node_ids import (
    NodeId,
    decode_node_id,
    to_job_id,
    to_model_id,
    to_user_id,
)


def spell(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("id", "type_name", "parts"),
    [
        (to_job_id("MODZY", "job-1"), "Job", ("MODZY", "job-1")),
        (to_model_id("ed542963de", "1.0.1"), "Model", ("ed542963de", "1.0.1")),
        (to_model_id("détecteur", None), "Model", ("détecteur", None)),
        (to_user_id("EDGE_IMPULSE", "17"), "User", ("EDGE_IMPULSE", "17")),
    ],
)
def test_an_id_is_read_as_it_was_made(
    id: str, type_name: str, parts: tuple[str | None, ...]
) -> None:
    assert decode_node_id(id) == NodeId(type_name=type_name, parts=parts)


# Clients keep ids: what they have must stay readable, whatever types are called.
def test_ids_stay_what_they_are() -> None:
    assert to_job_id("MODZY", "job-1") == "WyJqIiwiTU9EWlkiLCJqb2ItMSJd"
    assert to_model_id("m", None) == "WyJtIiwibSIsbnVsbF0"
    assert to_user_id("SWF", "3") == "WyJ1IiwiU1dGIiwiMyJd"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "job-1",
        "é",
        "A" * 3_000,
        spell(["x", "MODZY", "job-1"]),
        spell(["j", "MODZY"]),
        spell(["j", None, "job-1"]),
        spell(["j", "MODZY", 1]),
        spell(["j", "MODZY", "job-1", "more"]),
        spell("j"),
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no id of this gateway; give an id as it"):
        decode_node_id(text)


def test_a_long_text_is_shown_in_part() -> None:
    with pytest.raises(InputError) as caught:
        decode_node_id("A" * 3_000)
    assert len(caught.value.message) < 120
