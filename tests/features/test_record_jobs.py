"""Systems report their jobs: what is kept, what is not, and what they are told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gateway.schema.contract import to_schema
from gateway.schema.mutation import MAX_JOBS
from gateway.settings import read_settings
from tests.features.recording import (
    FULL,
    RECORD,
    Reporter,
    make_report,
    open_reporter,
    to_outcomes,
    verify,
)

LABELS = "{ jobs { nodes { jobIdentifier label } } }"
NEWER, OLDER = "2026-03-03T00:00:00Z", "2026-03-01T00:00:00Z"


@pytest.fixture
def reporter(database_url: str) -> Iterator[Reporter]:
    with open_reporter(read_settings(database_url=database_url)) as opened:
        yield opened


def read_labels(reporter: Reporter) -> dict[str, str | None]:
    nodes = reporter.read(LABELS)["jobs"]["nodes"]
    return {node["jobIdentifier"]: node["label"] for node in nodes}


def test_a_reported_job_is_there_and_told_as_it_is(reporter: Reporter) -> None:
    answer = reporter.record(make_report("a", label="one", projectId=9))
    assert answer["recorded"] == 1
    assert answer["results"] == [
        {
            "index": 0,
            "jobIdentifier": "a",
            "outcome": "RECORDED",
            "error": None,
            "job": {
                "jobIdentifier": "a",
                "source": "GATEWAY",
                "accountIdentifier": "acme",
                "projectId": 9,
                "status": "QUEUED",
                "label": "one",
            },
        }
    ]


def test_a_job_reported_again_changes_nothing(reporter: Reporter) -> None:
    reporter.record(FULL, make_report("a"))
    again = reporter.record(FULL, make_report("a"))
    assert to_outcomes(again) == ["UNCHANGED", "UNCHANGED"]
    assert again["unchanged"] == 2


def test_the_newer_report_stays_in_whatever_order_they_come(
    reporter: Reporter,
) -> None:
    first = make_report("a", label="newer", updatedAt=NEWER)
    older = make_report("a", label="older", updatedAt=OLDER)
    found = [reporter.record(each) for each in (older, first, older)]
    assert [to_outcomes(each) for each in found] == [
        ["RECORDED"],
        ["UPDATED"],
        ["OUTDATED"],
    ]
    assert found[2]["results"][0]["job"]["label"] == "newer"
    assert read_labels(reporter) == {"a": "newer"}


def test_of_reports_of_one_job_in_a_call_the_newer_stays(reporter: Reporter) -> None:
    newer = make_report("a", label="newer", updatedAt=NEWER)
    older = make_report("a", label="older", updatedAt=OLDER)
    answer = reporter.record(newer, older, newer, make_report("b"), older)
    assert to_outcomes(answer) == [
        "RECORDED",
        "OUTDATED",
        "UNCHANGED",
        "RECORDED",
        "OUTDATED",
    ]
    jobs = [result["job"]["label"] for result in answer["results"]]
    assert jobs == ["newer", "newer", "newer", None, "newer"]


def test_of_reports_of_the_same_age_the_last_stays(reporter: Reporter) -> None:
    answer = reporter.record(make_report("a", label="1"), make_report("a", label="2"))
    assert to_outcomes(answer) == ["RECORDED", "UPDATED"]
    assert read_labels(reporter) == {"a": "2"}


BAD = {
    "no identifier": (
        {"jobIdentifier": ""},
        "jobIdentifier is ''; right is text of 1 to 255 characters",
    ),
    "a time below zero": (
        {"elapsedTime": -5},
        "elapsedTime is -5; right is an integer from 0 to 9223372036854775807",
    ),
    "a text that no database keeps": (
        {"label": "a\0b"},
        "label is 'a\\x00b'; right is text without NUL and lone surrogates",
    ),
    "an input's name": (
        {"jobInputs": [{"identifier": "a"}, {"identifier": "x" * 256}]},
        (
            f"jobInputs[1].identifier is '{'x' * 59}...; right is text of at most 255"
            " characters"
        ),
    ),
    "too much money": (
        {"cost": {"amount": "9000000001", "currency": "USD"}},
        (
            "cost.amount is '9000000001'; right is an amount from -9000000000 to"
            " 9000000000"
        ),
    ),
    "a run without end": (
        {
            "status": "COMPLETED",
            "startedAt": "2026-01-01T00:00:00Z",
            "elapsedTime": 2**62,
        },
        "the job's run ends after the year 9999",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_job_is_told_beside_it_and_the_others_are_kept(
    reporter: Reporter, case: tuple[dict[str, object], str]
) -> None:
    changes, message = case
    answer = reporter.record(
        make_report("a"), make_report("bad") | changes, make_report("c")
    )
    assert to_outcomes(answer) == ["RECORDED", "REJECTED", "RECORDED"]
    rejected = answer["results"][1]
    assert rejected["error"] == {"code": "BAD_USER_INPUT", "message": message}
    assert (rejected["index"], rejected["job"], answer["rejected"]) == (1, None, 1)
    assert rejected["jobIdentifier"] == changes.get("jobIdentifier", "bad")
    assert read_labels(reporter).keys() == {"a", "c"}


def test_a_report_that_is_rejected_leaves_a_known_job_as_it_is(
    reporter: Reporter,
) -> None:
    reporter.record(make_report("a", label="one"))
    bad = make_report("a", label="two", updatedAt=NEWER, queueTime=-1)
    (result,) = reporter.record(bad)["results"]
    assert (result["outcome"], result["job"]) == ("REJECTED", None)
    assert read_labels(reporter) == {"a": "one"}


def test_what_the_types_forbid_refuses_the_call_before_anything_is_kept(
    reporter: Reporter,
) -> None:
    answer = reporter.post(
        RECORD, jobs=[make_report("a"), make_report("b", createdAt="noon")]
    )
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "at [1].createdAt" in error["message"]
    assert read_labels(reporter) == {}


def test_every_field_can_be_told_and_comes_back(reporter: Reporter) -> None:
    told = to_schema().type_map["JobRecordInput"]
    assert set(FULL) == set(told.fields)  # type: ignore[attr-defined]  # an input object
    reporter.record(FULL)
    reader = reporter.with_key(scopes=["jobs:read", "profile", "email"])
    fields = (
        " ".join(name for name, value in FULL.items() if not isinstance(value, dict))
        .replace("jobInputs", "")
        .replace("inputByteAmount", "")
    )
    query = f"""{{ job(jobIdentifier: "full") {{
        {fields} inputByteAmount model {{ identifier version name }}
        user {{
            identifier externalIdentifier firstName lastName email status title
        }}
        jobInputs {{ nodes {{
            identifier status startedAt finishedAt elapsedTime byteAmount error
        }} }}
        cost {{ amount currency }}
    }} }}"""
    job = reader.read(query)["job"]
    job["jobInputs"] = job["jobInputs"]["nodes"]
    assert job == FULL


def test_literals_and_variables_are_the_same_job(reporter: Reporter) -> None:
    reporter.record(
        make_report("a", elapsedTime=5, cost={"amount": "1", "currency": "XXX"})
    )
    query = """mutation { recordJobs(jobs: {
        jobIdentifier: "a", status: QUEUED, createdAt: "2026-03-02T10:00:00+01:00"
        elapsedTime: "5", cost: {amount: "1", currency: "XXX"}, label: null
    }) { unchanged } }"""
    assert reporter.read(query) == {"recordJobs": {"unchanged": 1}}


def test_the_answer_is_selected_as_any_other(reporter: Reporter) -> None:
    query = """
        mutation ($jobs: [JobRecordInput!]!, $no: Boolean = false) {
            first: recordJobs(jobs: $jobs) { n: recorded __typename }
            then: recordJobs(jobs: $jobs) {
                ...F
                results { job { j: jobIdentifier } again: job { source } }
                unchanged @include(if: $no)
            }
        }
        fragment F on RecordedJobs {
            results { i: index job { __typename } error { __typename } }
            more: results { __typename job { jobInputs(first: 1) { totalCount } } }
        }
    """
    inputs = [{"identifier": "x"}, {"identifier": "y"}]
    answer = reporter.read(query, jobs=[make_report("a", jobInputs=inputs)])
    assert answer == {
        "first": {"n": 1, "__typename": "RecordedJobs"},
        "then": {
            "results": [
                {
                    "i": 0,
                    "job": {"__typename": "Job", "j": "a"},
                    "error": None,
                    "again": {"source": "GATEWAY"},
                }
            ],
            "more": [
                {
                    "__typename": "RecordedJob",
                    "job": {"jobInputs": {"totalCount": 2}},
                }
            ],
        },
    }


def test_as_many_jobs_as_a_call_may_have_fit_into_a_body(reporter: Reporter) -> None:
    jobs = [{**FULL, "jobIdentifier": f"job-{at:03}"} for at in range(MAX_JOBS)]
    answer = reporter.record(*jobs)
    assert (answer["recorded"], len(answer["results"])) == (MAX_JOBS, MAX_JOBS)
    assert verify(reporter.settings) == []


def test_one_job_more_is_refused_and_none_is_kept(reporter: Reporter) -> None:
    jobs = [make_report(f"job-{at:03}") for at in range(MAX_JOBS + 1)]
    (error,) = reporter.post(RECORD, jobs=jobs).json()["errors"]
    assert error["message"] == "jobs has 501 items; give at most 500"
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert read_labels(reporter) == {}


def test_what_is_selected_of_many_jobs_counts_as_nodes(reporter: Reporter) -> None:
    query = RECORD.replace("label }", "label jobInputs(first: 50) { totalCount } }")
    jobs = [make_report(f"job-{at:03}") for at in range(MAX_JOBS)]
    (error,) = reporter.post(query, jobs=jobs).json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "up to 25500 nodes" in error["message"]
    assert read_labels(reporter) == {}


def test_no_job_is_no_mistake(reporter: Reporter) -> None:
    assert reporter.record()["results"] == []


def test_usage_counts_a_job_from_the_moment_it_is_reported(
    reporter: Reporter,
) -> None:
    usage = """{ usageSummary(
        startDate: "2026-03-01T00:00:00Z", endDate: "2026-04-01T00:00:00Z"
    ) { totals { lengthMs jobCount cost { amount } } } }"""
    reporter.record(FULL, make_report("bad", queueTime=-1))
    reporter.record({**FULL, "elapsedTime": 60_000, "updatedAt": NEWER})
    assert reporter.read(usage)["usageSummary"]["totals"] == {
        "lengthMs": 60_000,
        "jobCount": 1,
        "cost": [{"amount": "0.12"}],
    }
    assert verify(reporter.settings) == []


def to_instant(ahead: timedelta) -> str:
    """Write an instant that is some time ahead of now."""
    return (datetime.now(UTC) + ahead).isoformat()


@pytest.mark.parametrize(
    "started_at",
    ["1969-12-31T23:59:59Z", to_instant(timedelta(hours=1, minutes=30))],
    ids=["before 1970", "ahead"],
)
def test_a_start_that_cannot_be_right_is_refused(
    reporter: Reporter, started_at: str
) -> None:
    answer = reporter.record(make_report("a", startedAt=started_at))
    (result,) = answer["results"]
    assert result["error"]["code"] == "BAD_USER_INPUT"
    assert "at most an hour ahead" in result["error"]["message"]


def test_clocks_may_disagree_about_a_start(reporter: Reporter) -> None:
    soon = to_instant(timedelta(minutes=20))
    answer = reporter.record(make_report("a", status="RUNNING", startedAt=soon))
    assert answer["recorded"] == 1


def test_a_job_that_is_queued_does_not_run_until_now(reporter: Reporter) -> None:
    usage = """{ usageSummary(
        startDate: "2026-03-01T00:00:00Z", endDate: "2026-04-01T00:00:00Z"
    ) { totals { lengthMs runningMs jobCount } } }"""
    started = [
        make_report(status, status=status, startedAt=NEWER)
        for status in ("QUEUED", "UNKNOWN")
    ]
    reporter.record(*started)
    totals = {"lengthMs": 0, "runningMs": 0, "jobCount": 0}
    assert reporter.read(usage)["usageSummary"]["totals"] == totals
    assert verify(reporter.settings) == []
