from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import DecodeError
from gateway.records import JobInputRecord, JobStatus
from gateway.store.rows import JOB_COLUMNS, to_job_row, to_record_digest
from gateway.store.tables import jobs
from tests.factories import NOON, make_job

NOON_MS = 1_768_478_400_000
# As it was before jobs had processors.
DIGEST = "dad7648967861d39ef4440313020107e"
START = NOON + timedelta(microseconds=1_999)
RUN = (JOB_COLUMNS.index("run_start_ms") - 4, JOB_COLUMNS.index("run_end_ms") - 4)


def test_rows_have_every_column_of_the_table() -> None:
    assert sorted(JOB_COLUMNS) == sorted(jobs.columns.keys())
    assert len(to_job_row(make_job()).values) == len(JOB_COLUMNS) - 4


@pytest.mark.parametrize(
    ("changes", "run"),
    [
        pytest.param({}, (None, None), id="never started"),
        pytest.param(
            {"elapsed_ms": 5, "finished_at": NOON}, (None, None), id="no start"
        ),
        pytest.param({"started_at": START}, (None, None), id="queued, yet started"),
        pytest.param(
            {"started_at": START, "elapsed_ms": 9}, (1, 10), id="queued, yet elapsed"
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.RUNNING, "elapsed_ms": 9},
            (1, None),
            id="running, elapsed so far",
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.COMPLETED, "elapsed_ms": 9},
            (1, 10),
            id="elapsed",
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.UNKNOWN, "elapsed_ms": 9},
            (1, 10),
            id="elapsed of an unknown status",
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.UNKNOWN},
            (None, None),
            id="unknown, telling no end",
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.RUNNING}, (1, None), id="running"
        ),
        pytest.param(
            {
                "started_at": START,
                "status": JobStatus.FAILED,
                "finished_at": NOON + timedelta(microseconds=7_999),
            },
            (1, 7),
            id="finished",
        ),
        pytest.param(
            {
                "started_at": START,
                "status": JobStatus.FAILED,
                "updated_at": NOON + timedelta(microseconds=8_001),
            },
            (1, 8),
            id="terminated, telling neither",
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.CANCELED, "updated_at": NOON},
            (1, 1),
            id="never ends before its start",
        ),
        pytest.param(
            {"started_at": START, "status": JobStatus.CANCELED, "elapsed_ms": -4},
            (1, 1),
            id="negative elapsed",
        ),
    ],
)
def test_a_run_is_from_start_to_end(
    changes: dict[str, Any], run: tuple[int | None, int | None]
) -> None:
    values = to_job_row(make_job(**changes)).values
    expected = tuple(None if ms is None else NOON_MS + ms for ms in run)
    assert (values[RUN[0]], values[RUN[1]]) == expected


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"label": "a\0b"}, id="nul"),
        pytest.param({"inputs": (JobInputRecord(identifier="\0"),)}, id="nul inside"),
        pytest.param({"label": "\ud800"}, id="lone surrogate"),
        pytest.param({"total": 2**31}, id="int"),
        pytest.param({"queue_ms": 2**63}, id="bigint"),
        pytest.param({"queue_ms": 2**70}, id="beyond 64 bits"),
        pytest.param(
            {"started_at": NOON, "status": JobStatus.FAILED, "elapsed_ms": 2**60},
            id="ends after 9999",
        ),
    ],
)
def test_what_no_column_can_hold_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(DecodeError):
        to_job_row(make_job(**changes))


@pytest.mark.parametrize("changes", [{"label": "\\u0000"}, {"residue": {"a": "\0"}}])
def test_what_only_looks_like_nul_is_kept(changes: dict[str, Any]) -> None:
    assert to_job_row(make_job(**changes)).values


def test_a_job_that_tells_no_processors_has_the_digest_it_had() -> None:
    job = make_job(job_identifier="a", residue={"processors": None})
    assert to_record_digest(job).hex() == DIGEST
    assert to_record_digest(replace(job, processors=1)).hex() != DIGEST
