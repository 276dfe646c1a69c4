"""Documents of the three source systems, as they would be exported."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from gateway.cli.made_jobs import make_jobs
from gateway.dialects import edge_impulse, modzy, sharedcloud
from gateway.records import JobRecord, JobSource

Document = dict[str, Any]

SAMPLES = Path(__file__).parents[1] / "dialects/samples"
NOW = datetime(2026, 3, 4, 15, 26, 53, tzinfo=UTC)
COUNT = 300
ENCODERS: Mapping[str, tuple[JobSource, Callable[[JobRecord], Document]]] = {
    "edge-impulse": (JobSource.EDGE_IMPULSE, edge_impulse.encode_job),
    "modzy": (JobSource.MODZY, modzy.encode_job),
    "sharedcloud": (
        JobSource.SHAREDCLOUD,
        partial(sharedcloud.encode_job, time_zone=ZoneInfo("UTC"), server_time=NOW),
    ),
}
# What every document of a source has, and a job that is made does not.
ALWAYS: Mapping[str, Document] = {
    "edge-impulse": {"jobNotificationUids": []},
    "modzy": {"accountIdentifier": "acct-7"},
    "sharedcloud": {},
}
# What a job that runs, and one that waits, does not tell yet.
RUNS: Mapping[str, Document] = {
    "edge-impulse": dict.fromkeys(("finished", "finishedSuccessful", "computeTime")),
    "modzy": {"status": "IN_PROGRESS", "elapsedTime": None},
    "sharedcloud": {"status": 2, "cost": 0.0}
    | dict.fromkeys(("finished_at", "duration", "result")),
}
WAITS: Mapping[str, Document] = {
    "edge-impulse": RUNS["edge-impulse"] | {"started": None},
    "modzy": {"status": "SUBMITTED", "elapsedTime": None, "queueTime": None},
    "sharedcloud": RUNS["sharedcloud"]
    | {"status": 1}
    | dict.fromkeys(("started_at", "assigned_at", "instance")),
}


def make_documents(format_name: str) -> list[Document]:
    """Make jobs of all kinds, oldest first; the last one waits, the one before runs."""
    source, encode = ENCODERS[format_name]
    made = [
        encode(record) | ALWAYS[format_name]
        for _, record in make_jobs(COUNT, NOW, seed=5)
        if record.source is source
    ]
    made[-2] |= RUNS[format_name]
    made[-1] |= WAITS[format_name]
    return read_sample(format_name) + [
        without_nulls(format_name, each) for each in made
    ]


def read_sample(format_name: str) -> list[Document]:
    """Read the example of a format, which is older than what is made."""
    name = f"{format_name.replace('-', '_')}.json"
    sample = orjson.loads(SAMPLES.joinpath(name).read_bytes())
    return sample if isinstance(sample, list) else [sample]


def without_nulls(format_name: str, document: Document) -> Document:
    """Leave out what is not known, unless the source writes null there."""
    if format_name == "sharedcloud":
        return document
    return {key: value for key, value in document.items() if value is not None}


def write_documents(documents: Sequence[Document], path: Path) -> None:
    """Write a file of one document a line."""
    path.write_bytes(b"\n".join(map(orjson.dumps, documents)))
