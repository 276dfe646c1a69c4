"""What a gateway serves to Edge Impulse's clients, and what they should make of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from tests.official_clients.documents import Document, make_documents, read_sample

MS = timedelta(milliseconds=1)
[SAMPLE] = read_sample("edge-impulse")
# One that printed something: that is asked for by itself, and is in no list.
LOGGED = SAMPLE | {"id": 12_873_488_113}
LINES = ["one\n", "two\n"]
STDOUT = [{"created": LOGGED["finished"], "data": line} for line in LINES]
JOBS = [*make_documents("edge-impulse"), LOGGED]
DOCUMENTS = [*JOBS[:-1], LOGGED | {"stdout": STDOUT}]

# As the client for Python writes them, without encoding the plus.
WINDOWS = {
    "utc": ("2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"),
    "east": ("2026-02-03T05:30:00+05:30", "2026-02-17T18:00:00+05:30"),
    "west": ("2026-02-03T05:30:00-08:00", "2026-02-17T18:00:00-08:00"),
    "no zone": ("2026-02-01T12:30:01.123000", "2026-03-01T00:00:00"),
    "everything": ("2020-01-01T00:00:00+00:00", "2026-03-04T15:26:53+00:00"),
}


def has_ended(job: Document) -> bool:
    return "finished" in job


def is_active(job: Document) -> bool:
    return "finished" not in job


def has_succeeded(job: Document) -> bool:
    return job.get("finishedSuccessful") is True


def has_failed(job: Document) -> bool:
    return job.get("finishedSuccessful") is False


def is_training(job: Document) -> bool:
    return bool(job["category"] == "Training model")


FILTERS: dict[str, tuple[str, Document, Callable[[Document], bool]]] = {
    "active": ("list_active_jobs", {}, is_active),
    "active roots": ("list_active_jobs", {"root_only": True}, is_active),
    "finished": ("list_finished_jobs", {"limit": 200}, has_ended),
    "successful": ("list_all_jobs", {"finished": "successful"}, has_succeeded),
    "failed": ("list_all_jobs", {"finished": "failed"}, has_failed),
    "key": (
        "list_all_jobs",
        {"key": "train-3"},
        lambda job: job["key"] == "train-3",
    ),
    "category": ("list_all_jobs", {"category": "Training model"}, is_training),
    "several": (
        "list_all_jobs",
        {
            "category": "Training model",
            "finished": "successful",
            "root_only": True,
            "start_date": "2026-01-01T00:00:00+00:00",
        },
        lambda job: is_training(job) and has_succeeded(job) and job["created"] > "2026",
    ),
}


def by_id(jobs: Iterable[Document]) -> list[Document]:
    return sorted(jobs, key=lambda job: int(job["id"]))


def to_instant(text: str) -> datetime:
    """Read an instant; one without a zone is UTC."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def with_instants(job: Document) -> Document:
    """Give a document as the client for Node holds it, with instants as dates."""
    instants = ("created", "started", "finished")
    return job | {key: {"instant": job[key]} for key in instants if key in job}


def to_summary(start: str, end: str) -> list[Document]:
    """Add up the time that runs spent in a window, by category."""
    lengths: Counter[str] = Counter()
    for job in JOBS:
        lengths[job["category"]] += to_ms_inside(
            job, to_instant(start), to_instant(end)
        )
    return [
        {"category": category, "lengthMs": length}
        for category, length in sorted(lengths.items())
        if length
    ]


def to_ms_inside(job: Document, start: datetime, end: datetime) -> int:
    """Give the time that a run spent in a window; one that has not ended fills it."""
    if "started" not in job:
        return 0
    started = to_instant(job["started"])
    seconds = job.get("computeTime")
    ended = end if seconds is None else started + round(seconds * 1000) * MS
    return max(min(ended, end) - max(started, start), 0 * MS) // MS
