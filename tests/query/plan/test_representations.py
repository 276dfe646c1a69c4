"""Representations are read by either key, and refused with what would be right."""

from typing import Any

import pytest

from gateway.errors import InputError
from gateway.query.plan.node_ids import NodeId, to_job_id, to_model_id, to_user_id
from gateway.query.plan.representations import parse_entity_key

READ: dict[str, tuple[dict[str, Any], NodeId]] = {
    "a job's id": (
        {"__typename": "Job", "id": to_job_id("SWF", "3")},
        NodeId(type_name="Job", parts=("SWF", "3")),
    ),
    "a job": (
        {"__typename": "Job", "jobIdentifier": "3", "source": "SWF"},
        NodeId(type_name="Job", parts=("SWF", "3")),
    ),
    "a model": (
        {"__typename": "Model", "identifier": "ed", "version": "1.0"},
        NodeId(type_name="Model", parts=("ed", "1.0")),
    ),
    "a model without a version": (
        {"__typename": "Model", "identifier": "ed", "version": None},
        NodeId(type_name="Model", parts=("ed", None)),
    ),
    "a user": (
        {"__typename": "User", "identifier": "ada", "source": "MODZY"},
        NodeId(type_name="User", parts=("MODZY", "ada")),
    ),
    "an id beside other fields": (
        {"__typename": "User", "id": to_user_id("SWF", "1"), "identifier": 5},
        NodeId(type_name="User", parts=("SWF", "1")),
    ),
    "a null id beside another key": (
        {"__typename": "User", "id": None, "identifier": "ada", "source": "MODZY"},
        NodeId(type_name="User", parts=("MODZY", "ada")),
    ),
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another type": (
        {"__typename": "Invoice", "id": "1"},
        "'Invoice' is no entity of this gateway; its entities are Job, Model, User",
    ),
    "a type that is no entity": ({"__typename": "Money"}, "'Money' is no entity"),
    "no key": (
        {"__typename": "Job"},
        "a representation of Job has no key; give id, or source and jobIdentifier",
    ),
    "half a key": ({"__typename": "Model", "identifier": "ed"}, "has no key; give id"),
    "no id of ours": ({"__typename": "Job", "id": "7"}, "'7' is no id of this gateway"),
    "an id that is no text": (
        {"__typename": "Job", "id": 7},
        "id of a representation of Job is 7; give a text",
    ),
    "the id of another type": (
        {"__typename": "Job", "id": to_model_id("ed", None)},
        "is that of a Model; give the id of a Job",
    ),
    "no source": (
        {"__typename": "User", "identifier": "ada", "source": "modzy"},
        "'modzy' is no source; give one of EDGE_IMPULSE, GATEWAY, MODZY,",
    ),
    "a list": (
        {"__typename": "Job", "jobIdentifier": ["3"], "source": "SWF"},
        "jobIdentifier of a representation of Job is a list; give a text",
    ),
    "an object": (
        {"__typename": "Job", "jobIdentifier": {}, "source": "SWF"},
        "jobIdentifier of a representation of Job is an object; give a text",
    ),
    "null": (
        {"__typename": "Model", "identifier": None, "version": "1"},
        "identifier of a representation of Model is None; give a text",
    ),
}


@pytest.mark.parametrize(("found", "node_id"), READ.values(), ids=READ)
def test_a_representation_is_read(found: dict[str, Any], node_id: NodeId) -> None:
    assert parse_entity_key(found) == node_id


@pytest.mark.parametrize(("found", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused(found: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_entity_key(found)


def test_a_long_text_is_shown_in_part() -> None:
    with pytest.raises(InputError) as caught:
        parse_entity_key({"__typename": "J" * 3_000})
    assert len(caught.value.message) < 200
