from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.query.plan.filters import Operator, Predicate, any_of, combine, plan_filter
from gateway.records import JobSource, JobStatus, JobStatusGroup

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
MIDNIGHT_US = 1_767_225_600_000_000


@pytest.mark.parametrize(
    "argument",
    [
        None,
        {},
        {"status": None, "statusGroup": None, "model": None, "createdAt": None},
        {"model": {}},
        {"model": {"identifier": None}},
        {"createdAt": {}},
        {"createdAt": {"from": None, "to": None}},
        {"statusGroup": JobStatusGroup.ALL},
        {"status": list(JobStatus)},
    ],
    ids=str,
)
def test_null_and_everything_restrict_nothing(argument: dict[str, Any] | None) -> None:
    planned = plan_filter(argument)
    assert (planned.predicates, planned.values) == ((), {})


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ({"status": [JobStatus.FAILED]}, {"status": ["FAILED"]}),
        ({"status": []}, {"status": []}),
        ({"statusGroup": JobStatusGroup.PENDING}, {"status": ["QUEUED", "RUNNING"]}),
        (
            {
                "status": [JobStatus.FAILED, JobStatus.TIMEDOUT],
                "statusGroup": JobStatusGroup.TIMEDOUT,
            },
            {"status": ["TIMEDOUT"]},
        ),
        ({"source": [JobSource.SWF, JobSource.MODZY]}, {"source": ["MODZY", "SWF"]}),
        ({"projectId": [9, 7, 9]}, {"project_id": [7, 9]}),
        ({"category": ["b", "a\0", "a"]}, {"category": ["a", "b"]}),
        ({"submittedBy": ["ei_1"]}, {"submitted_by": ["ei_1"]}),
        ({"user": ["17"]}, {"user": ["17"]}),
        (
            {"model": {"identifier": ["a"], "name": None, "version": []}},
            {"model_identifier": ["a"], "model_version": []},
        ),
        ({"createdAt": {"from": MIDNIGHT}}, {"created_at_from": MIDNIGHT_US}),
        ({"finishedAt": {"to": MIDNIGHT}}, {"finished_at_to": MIDNIGHT_US}),
        ({"updatedAt": {"from": MIDNIGHT}}, {"updated_at_from": MIDNIGHT_US}),
    ],
    ids=str,
)
def test_values_travel_beside_the_predicates(
    argument: dict[str, Any], values: dict[str, Any]
) -> None:
    assert plan_filter(argument).values == values


def test_predicates_hold_no_values() -> None:
    few = plan_filter({"status": [JobStatus.FAILED], "user": ["17"]})
    many = plan_filter({"status": [JobStatus.QUEUED, JobStatus.RUNNING], "user": []})
    assert few.predicates == many.predicates


def test_a_model_is_chosen_through_its_own_table() -> None:
    (found,) = plan_filter({"model": {"name": ["a"]}}).predicates
    assert (found.column, found.through) == ("model_id", "models")
    assert [inner.column for inner in found.predicates] == ["name"]


def test_a_span_is_two_predicates_on_one_column() -> None:
    planned = plan_filter({"startedAt": {"from": MIDNIGHT, "to": MIDNIGHT}})
    assert planned.predicates == (
        Predicate(
            column="started_at", operator=Operator.FROM, parameter="started_at_from"
        ),
        Predicate(column="started_at", operator=Operator.TO, parameter="started_at_to"),
    )


def test_filters_that_are_joined_all_hold() -> None:
    joined = combine([any_of("source", ["SWF"]), any_of("project_id", [7], "own")])
    assert [found.parameter for found in joined.predicates] == ["source", "own"]
    assert joined.values == {"source": ["SWF"], "own": [7]}
