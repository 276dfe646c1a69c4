"""JSON documents to the name of the format that they are of."""

from collections.abc import Mapping

from gateway.dialects import ndjson
from gateway.dialects.documents import parse_json
from gateway.dialects.modzy import STATUSES
from gateway.errors import DecodeError
from gateway.records import JobStatus, JsonValue

# The keys that every job of a format has; the first is in no other system's jobs.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "sharedcloud": ("uuid",),
    "edge-impulse": ("created", "id", "category"),
    "modzy": ("jobIdentifier", "model", "status"),
    "ndjson": ("jobIdentifier", "status", "createdAt"),
}
OWN_KEYS = frozenset(ndjson.JOB_KEYS)
# Of these, the keys that Modzy's jobs do not have.
ONLY_OWN_KEYS = frozenset(
    {
        "source",
        "projectId",
        "category",
        "categoryKey",
        "label",
        "rawStatus",
        "assignedAt",
        "startedAt",
        "finishedAt",
        "cost",
        "arguments",
        "result",
        "instance",
        "run",
        "incrementalId",
        "processors",
        "requestedProcessors",
        "buildLogs",
        "stdout",
        "stderr",
    }
)
ONLY_OWN_STATUSES = frozenset(JobStatus) - STATUSES.keys()
# Keys that only jobs of other systems have.
FOREIGN_KEYS = frozenset({"uuid", "created", "team", "hoursDeleteInput", "accessKey"})


def check_job_format(document: JsonValue, name: str) -> None:
    """Refuse a document that is not of the format it was given as.

    Raises:
        DecodeError: It lacks what each job of the format has, or has what none has.
    """
    if not isinstance(document, dict):
        return
    missing = [key for key in NEEDED[name] if key not in document]
    if name == "ndjson":
        # That a key is missing or unknown is said by the dialect.
        if document.keys().isdisjoint(FOREIGN_KEYS):
            return
    elif not missing and not is_ndjson(document):
        return
    lacks = f"has no {' and no '.join(missing)}" if missing else ""
    looks = guess_job_format(document)
    if looks is not None and name not in looks.split(" or "):
        parts = " and ".join(filter(None, (lacks, f"looks like {looks}")))
        raise DecodeError(f"the document {parts}; right is a job of {name}")
    if name != "ndjson":
        raise DecodeError(f"the document {lacks}; right is a job of {name}")


def guess_job_format(document: Mapping[str, JsonValue]) -> str | None:
    """Name the format whose keys a document has, at least the first."""
    if is_ndjson(document):
        return "ndjson"
    for name, needed in NEEDED.items():
        if all(key in document for key in needed):
            return name
    for name, (first, *_) in NEEDED.items():
        if first in document:
            return "modzy or ndjson" if name == "modzy" else name
    return None


def is_ndjson(document: Mapping[str, JsonValue]) -> bool:
    """Tell whether a document is the gateway's own and can be no other system's."""
    keys = document.keys()
    if not keys <= OWN_KEYS or not keys >= set(NEEDED["ndjson"]):
        return False
    if "model" not in keys or not keys.isdisjoint(ONLY_OWN_KEYS):
        return True
    return str(document["status"]) in ONLY_OWN_STATUSES


def check_first(text: bytes, name: str) -> None:
    """Refuse a file whose first document is of another format.

    Raises:
        DecodeError: It lacks the format's own key and has that of another.
    """
    try:
        document = parse_json(text)
    except DecodeError:
        return
    own_key = NEEDED[name][0]
    if not isinstance(document, dict) or own_key in document:
        return
    looks = guess_job_format(document)
    if looks is not None:
        raise DecodeError(
            f"the file looks like {looks}: its first job has no {own_key}; right is a"
            " file of the named format"
        )
