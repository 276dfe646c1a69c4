"""The gateway's own job documents, one a line, to records and back.

The keys are the fields of GraphQL's `Job`. The format is strict: an unknown key is an
error, because what is misspelt must not be lost in silence.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from gateway.dialects.context import DecodeContext
from gateway.dialects.fields import (
    MAX_INT32,
    MIN_INT32,
    Fields,
    shorten,
    to_fields,
    wrong,
)
from gateway.dialects.instants import latest, parse_rfc3339
from gateway.dialects.items import to_items
from gateway.dialects.money import to_money
from gateway.dialects.ndjson_encoding import to_document
from gateway.dialects.residue import JsonObject, known, restore, to_residue
from gateway.errors import DecodeError
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    Money,
    UserRecord,
)

JOB_KEYS = (
    "jobIdentifier",
    "source",
    "accountIdentifier",
    "projectId",
    "category",
    "categoryKey",
    "label",
    "status",
    "rawStatus",
    "model",
    "user",
    "submittedBy",
    "createdAt",
    "submittedAt",
    "assignedAt",
    "startedAt",
    "finishedAt",
    "updatedAt",
    "total",
    "pending",
    "completed",
    "failed",
    "elapsedTime",
    "queueTime",
    "timeout",
    "explain",
    "imageClassificationModel",
    "inputByteAmount",
    "jobInputs",
    "cost",
    "arguments",
    "result",
    "instance",
    "run",
    "incrementalId",
    "buildLogs",
    "stdout",
    "stderr",
)
MODEL_KEYS = ("identifier", "version", "name")
USER_KEYS = (
    "identifier",
    "externalIdentifier",
    "firstName",
    "lastName",
    "email",
    "status",
    "title",
)
INPUT_KEYS = (
    "identifier",
    "status",
    "startedAt",
    "finishedAt",
    "elapsedTime",
    "byteAmount",
    "error",
)
COST_KEYS = ("amount", "currency")
RIGHT_INSTANT = "an RFC 3339 instant with an offset, such as '2024-05-01T12:00:00Z'"


def decode_job(document: object, context: DecodeContext) -> JobRecord:
    """Read one job.

    Only `jobIdentifier`, `status` and `createdAt` are required. Of `submittedBy` only
    what is before the first dot is read: the rest would be the body of a key.

    Raises:
        DecodeError: A key is unknown, or a field is missing or wrong.
    """
    fields = to_fields(document)
    check_keys(fields, JOB_KEYS)
    prefix: JsonObject = {"submittedBy": fields.key_prefix("submittedBy")}
    fields = Fields(values=fields.values | known(prefix))
    record = to_record(fields, context)
    residue = to_residue(fields.values, to_document(record))
    # Under a key of its own: a job of another source has that dialect's residue.
    return replace(record, residue={"ndjson": residue}) if residue else record


def encode_job(record: JobRecord) -> JsonObject:
    """Write the job, whatever its source is."""
    residue = record.residue.get("ndjson")
    document = to_document(record)
    return restore(document, residue) if isinstance(residue, dict) else document


def check_keys(fields: Fields, allowed: Iterable[str]) -> None:
    """Refuse keys the format does not have.

    Raises:
        DecodeError: There is one; the message says what may have been meant.
    """
    names = tuple(allowed)
    for key in fields.values:
        if key not in names:
            meant = did_you_mean(key, names)
            raise DecodeError(f"{fields.path}{key[:60]} is no field of a job{meant}")


def did_you_mean(word: str, right: Iterable[str]) -> str:
    """Suggest the right word for a misspelt one, or list all."""
    words = tuple(right)
    close = get_close_matches(word, words, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; right are {', '.join(words)}"


def to_record(fields: Fields, context: DecodeContext) -> JobRecord:
    """Read every field."""
    status = to_status(fields)
    if status is None:
        raise wrong("status", None, f"one of {', '.join(JobStatus)}")
    created_at, submitted_at, assigned_at, started_at, finished_at = (
        to_instant(fields, f"{word}At")
        for word in ("created", "submitted", "assigned", "started", "finished")
    )
    if created_at is None:
        raise wrong("createdAt", None, RIGHT_INSTANT)
    last = latest(created_at, submitted_at, assigned_at, started_at, finished_at)
    project_id = fields.integer("projectId")
    total, pending, completed, failed = to_counts(fields, status)
    return JobRecord(
        source=to_source(fields),
        job_identifier=fields.identifier("jobIdentifier"),
        project_id=context.project_id if project_id is None else project_id,
        category=fields.name("category"),
        category_key=fields.text("categoryKey"),
        label=fields.text("label"),
        status=status,
        raw_status=fields.text("rawStatus"),
        model=to_model(fields.inner("model")),
        user=to_user(fields.inner("user")),
        submitted_by=fields.name("submittedBy") or None,
        created_at=created_at,
        submitted_at=submitted_at,
        assigned_at=assigned_at,
        started_at=started_at,
        finished_at=finished_at,
        updated_at=to_instant(fields, "updatedAt") or last,
        total=total,
        pending=pending,
        completed=completed,
        failed=failed,
        elapsed_ms=fields.integer("elapsedTime"),
        queue_ms=fields.integer("queueTime"),
        timeout_ms=fields.integer("timeout"),
        explain=fields.flag("explain"),
        image_classification_model=fields.flag("imageClassificationModel"),
        input_bytes=fields.integer("inputByteAmount"),
        inputs=to_inputs(fields),
        cost=to_cost(fields.inner("cost")),
        arguments=fields.text("arguments"),
        result=fields.text("result"),
        instance=fields.text("instance"),
        run=fields.text("run"),
        incremental_id=fields.integer("incrementalId", least=MIN_INT32, most=MAX_INT32),
        logs=to_logs(fields),
    )


def to_instant(fields: Fields, key: str) -> datetime | None:
    """Read an instant with an offset."""
    return fields.instant(key, parse_rfc3339, RIGHT_INSTANT)


def to_status(fields: Fields) -> JobStatus | None:
    """Read a status by its GraphQL name."""
    word = fields.text("status")
    if word is None:
        return None
    if word not in JobStatus.__members__:
        meant = did_you_mean(word, JobStatus)
        raise DecodeError(f"{fields.path}status is {shorten(word)}{meant}")
    return JobStatus(word)


def to_source(fields: Fields) -> JobSource:
    """Read the source by its GraphQL name; without one it is the gateway."""
    word = fields.text("source")
    if word is None:
        return JobSource.GATEWAY
    if word not in JobSource.__members__:
        meant = did_you_mean(word, JobSource)
        raise DecodeError(f"source is {shorten(word)}{meant}")
    return JobSource(word)


def to_counts(fields: Fields, status: JobStatus) -> tuple[int, int, int, int]:
    """Read the item counts; where none is given there is one item."""
    total, *parts = (
        fields.count(key) for key in ("total", "pending", "completed", "failed")
    )
    if total is None and not any(part is not None for part in parts):
        return 1, *to_items(status)
    pending, completed, failed = (part or 0 for part in parts)
    known_items = pending + completed + failed
    if total is None and known_items > MAX_INT32:
        raise wrong("total", None, f"an integer from 0 to {MAX_INT32}")
    return known_items if total is None else total, pending, completed, failed


def to_model(fields: Fields | None) -> ModelRecord | None:
    """Read the model."""
    if fields is None:
        return None
    check_keys(fields, MODEL_KEYS)
    return ModelRecord(
        identifier=fields.identifier("identifier"),
        version=fields.name("version"),
        name=fields.name("name"),
    )


def to_user(fields: Fields | None) -> UserRecord | None:
    """Read the user."""
    if fields is None:
        return None
    check_keys(fields, USER_KEYS)
    return UserRecord(
        identifier=fields.identifier("identifier"),
        external_identifier=fields.text("externalIdentifier"),
        first_name=fields.text("firstName"),
        last_name=fields.text("lastName"),
        email=fields.text("email"),
        status=fields.text("status"),
        title=fields.text("title"),
    )


def to_inputs(fields: Fields) -> tuple[JobInputRecord, ...]:
    """Read the inputs."""
    return tuple(
        to_input(fields.at("jobInputs", position, element))
        for position, element in enumerate(fields.elements("jobInputs"))
    )


def to_input(fields: Fields) -> JobInputRecord:
    """Read one input."""
    check_keys(fields, INPUT_KEYS)
    return JobInputRecord(
        identifier=fields.identifier("identifier"),
        status=to_status(fields),
        started_at=to_instant(fields, "startedAt"),
        finished_at=to_instant(fields, "finishedAt"),
        elapsed_ms=fields.integer("elapsedTime"),
        input_bytes=fields.integer("byteAmount"),
        error=fields.text("error"),
    )


def to_cost(fields: Fields | None) -> Money | None:
    """Read an amount, text or a number, and its currency."""
    if fields is None:
        return None
    check_keys(fields, COST_KEYS)
    currency = fields.identifier("currency")
    value = fields.values.get("amount")
    is_text = isinstance(value, str)
    digits = fields.text("amount") if is_text else fields.number("amount")
    try:
        amount = Decimal(str(digits))
    except InvalidOperation as exc:
        raise wrong(f"{fields.path}amount", value, "a decimal number") from exc
    return to_money(f"{fields.path}amount", amount, currency)


def to_logs(fields: Fields) -> JobLogs | None:
    """Read what the job printed."""
    logs = JobLogs(
        build_logs=fields.text("buildLogs"),
        stdout=fields.text("stdout"),
        stderr=fields.text("stderr"),
    )
    return None if logs == JobLogs() else logs
