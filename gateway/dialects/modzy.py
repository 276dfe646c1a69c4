"""Modzy's job documents to records and back."""

from dataclasses import replace
from datetime import datetime

from gateway.dialects.context import DecodeContext
from gateway.dialects.fields import Fields, to_fields, to_json_text
from gateway.dialects.instants import add_ms, format_iso, latest
from gateway.dialects.residue import JsonObject, known, restore, to_residue
from gateway.errors import DecodeError
from gateway.records import (
    TERMINATED_STATUSES,
    JobInputRecord,
    JobRecord,
    JobSource,
    JobStatus,
    JsonValue,
    ModelRecord,
    UserRecord,
)

STATUSES = {
    "OPEN": JobStatus.QUEUED,
    "SUBMITTED": JobStatus.QUEUED,
    "IN_PROGRESS": JobStatus.RUNNING,
    "COMPLETED": JobStatus.COMPLETED,
    "ERROR": JobStatus.FAILED,
    "CANCELED": JobStatus.CANCELED,
    "TIMEDOUT": JobStatus.TIMEDOUT,
}
# The words for one input, as results have them.
INPUT_STATUSES = STATUSES | {
    "SUCCESSFUL": JobStatus.COMPLETED,
    "FAILED": JobStatus.FAILED,
}
WORDS = {status: word for word, status in STATUSES.items()}
INPUT_WORDS = WORDS | {
    JobStatus.COMPLETED: "SUCCESSFUL",
    JobStatus.FAILED: "FAILED",
}
# Fields that may hold a whole key, `prefix.body`. Only the prefix is ever kept.
KEY_FIELDS = ("submittedBy", "submittedByKey", "accessKey")
USER_DETAILS = {
    "externalIdentifier": "external_identifier",
    "firstName": "first_name",
    "lastName": "last_name",
    "email": "email",
    "status": "status",
    "title": "title",
}


def decode_job(document: object, context: DecodeContext) -> JobRecord:
    """Read one job of a history or of the details.

    The body of an access key is dropped: it is in neither the record nor its residue.

    Raises:
        DecodeError: A field has a value it cannot have, or what identifies and dates
            the job is missing.
    """
    fields = Fields(values=without_key_bodies(to_fields(document)))
    record = decode_record(fields, context)
    return replace(record, residue=to_residue(fields.values, encode_record(record)))


def encode_job(record: JobRecord) -> JsonObject:
    """Write the job as Modzy does."""
    return restore(encode_record(record), record.residue)


def without_key_bodies(fields: Fields) -> JsonObject:
    """Copy the document with every access key cut at its first dot.

    Raises:
        DecodeError: A key is not text; the message does not show it.
    """
    prefixes: JsonObject = {key: fields.key_prefix(key) for key in KEY_FIELDS}
    return fields.values | known(prefixes)


def decode_record(fields: Fields, context: DecodeContext) -> JobRecord:
    """Read every field that a record has."""
    status, raw_status = decode_status(fields)
    created_at, updated_at, submitted_at = decode_instants(fields)
    elapsed_ms = fields.integer("elapsedTime")
    queue_ms = fields.integer("queueTime")
    # A job that was canceled while it was queued has no elapsed time.
    is_queued = status is JobStatus.QUEUED or (
        status is JobStatus.CANCELED and elapsed_ms is None
    )
    has_ended = status in TERMINATED_STATUSES
    inputs = decode_inputs(fields)
    try:
        started_at = None if is_queued else add_ms(submitted_at, queue_ms)
        finished_at = add_ms(started_at, elapsed_ms) if has_ended else None
    except OverflowError as exc:
        raise DecodeError(
            "submittedAt, queueTime and elapsedTime lead beyond the year 9999;"
            " right are milliseconds"
        ) from exc
    total, pending, completed, failed = decode_counts(fields, inputs)
    return JobRecord(
        source=JobSource.MODZY,
        job_identifier=fields.identifier("jobIdentifier"),
        project_id=context.project_id,
        status=status,
        raw_status=raw_status,
        model=decode_model(fields.inner("model")),
        user=decode_user(fields.inner("user")),
        submitted_by=fields.name("submittedBy") or None,
        created_at=created_at,
        submitted_at=submitted_at,
        started_at=started_at,
        finished_at=finished_at,
        updated_at=updated_at,
        total=total,
        pending=pending,
        completed=completed,
        failed=failed,
        elapsed_ms=elapsed_ms,
        queue_ms=queue_ms,
        timeout_ms=fields.integer("timeout"),
        explain=fields.flag("explain"),
        image_classification_model=fields.flag("imageClassificationModel"),
        input_bytes=fields.integer("inputByteAmount"),
        inputs=inputs,
    )


def decode_status(fields: Fields) -> tuple[JobStatus, str | None]:
    """Read the status; without one a job is submitted, as Modzy's client reads it."""
    value = fields.values.get("status")
    if value is None:
        return JobStatus.QUEUED, None
    if not isinstance(value, str):
        return JobStatus.UNKNOWN, to_json_text("status", value)
    return STATUSES.get(value.upper(), JobStatus.UNKNOWN), fields.text("status")


def decode_instants(fields: Fields) -> tuple[datetime, datetime, datetime | None]:
    """Read creation, update and submission, of which one is enough."""
    created_at, updated_at, submitted_at = (
        fields.instant(key) for key in ("createdAt", "updatedAt", "submittedAt")
    )
    first = created_at or submitted_at or updated_at
    if first is None:
        raise DecodeError(
            "createdAt, submittedAt and updatedAt are missing; right is at least one"
            " of them"
        )
    return first, updated_at or latest(first, submitted_at), submitted_at


def decode_counts(
    fields: Fields, inputs: tuple[JobInputRecord, ...]
) -> tuple[int, int, int, int]:
    """Read the item counts; without a total, count the items that are known."""
    total = fields.count("total")
    pending, completed, failed = (
        fields.count(key) or 0 for key in ("pending", "completed", "failed")
    )
    known = max(pending + completed + failed, len(inputs))
    return known if total is None else total, pending, completed, failed


def decode_model(fields: Fields | None) -> ModelRecord | None:
    """Read the model; without an identifier, its name identifies it."""
    if fields is None:
        return None
    name = fields.name("name")
    identifier = fields.name("identifier") or name
    if not identifier:
        return None
    # The store takes an empty version for none; the residue keeps the difference.
    version = fields.name("version") or None
    return ModelRecord(identifier=identifier, version=version, name=name)


def decode_user(fields: Fields | None) -> UserRecord | None:
    """Read the user; one without any identifier is in the residue alone."""
    if fields is None:
        return None
    identifier = fields.name("identifier") or fields.name("externalIdentifier")
    if not identifier:
        return None
    details = {name: fields.text(key) for key, name in USER_DETAILS.items()}
    return UserRecord(identifier=identifier, **details)


def decode_inputs(fields: Fields) -> tuple[JobInputRecord, ...]:
    """Read the inputs: objects in a list, or identifiers as on submission."""
    submitted = fields.values.get("jobInputs")
    if isinstance(submitted, dict):
        inner = Fields(values=submitted, path="jobInputs.")
        elements, key = inner.elements("identifier"), "jobInputs.identifier"
    else:
        elements, key = fields.elements("jobInputs"), "jobInputs"
    return tuple(
        decode_input(fields, key, position, element)
        for position, element in enumerate(elements)
    )


def decode_input(
    parent: Fields, key: str, position: int, element: JsonValue
) -> JobInputRecord:
    """Read one input; without an identifier, its position identifies it."""
    if isinstance(element, str):
        element = {"identifier": element}
    fields = parent.at(key, position, element)
    word = fields.text("status")
    status = None if word is None else INPUT_STATUSES.get(word, JobStatus.UNKNOWN)
    return JobInputRecord(
        identifier=fields.name("identifier") or str(position),
        status=status,
        started_at=fields.instant("startTime") or fields.instant("startedAt"),
        finished_at=fields.instant("endTime") or fields.instant("finishedAt"),
        elapsed_ms=fields.integer("elapsedTime"),
        input_bytes=fields.integer("inputByteAmount"),
        error=fields.text("error"),
    )


def encode_record(record: JobRecord) -> JsonObject:
    """Write the canonical document, in which unknown fields are absent."""
    return known(
        {
            "jobIdentifier": record.job_identifier,
            "submittedBy": record.submitted_by,
            "model": encode_model(record.model),
            "status": record.raw_status or WORDS.get(record.status),
            "createdAt": format_iso(record.created_at),
            "updatedAt": format_iso(record.updated_at),
            "submittedAt": encode_instant(record.submitted_at),
            "total": record.total,
            "pending": record.pending,
            "completed": record.completed,
            "failed": record.failed,
            "elapsedTime": record.elapsed_ms,
            "queueTime": record.queue_ms,
            "timeout": record.timeout_ms,
            "explain": record.explain,
            "imageClassificationModel": record.image_classification_model,
            "user": encode_user(record.user),
            "jobInputs": [encode_input(item) for item in record.inputs],
            "inputByteAmount": record.input_bytes,
        }
    )


def encode_instant(instant: datetime | None) -> str | None:
    """Write an instant that may be unknown."""
    return None if instant is None else format_iso(instant)


def encode_model(model: ModelRecord | None) -> JsonValue:
    """Write the model."""
    if model is None:
        return None
    return known(
        {
            "identifier": model.identifier,
            "version": model.version,
            "name": model.name,
        }
    )


def encode_user(user: UserRecord | None) -> JsonValue:
    """Write the user."""
    if user is None:
        return None
    details = {key: getattr(user, name) for key, name in USER_DETAILS.items()}
    return known({"identifier": user.identifier, **details})


def encode_input(item: JobInputRecord) -> JsonObject:
    """Write one input."""
    return known(
        {
            "identifier": item.identifier,
            "status": INPUT_WORDS.get(item.status) if item.status else None,
            "startTime": encode_instant(item.started_at),
            "endTime": encode_instant(item.finished_at),
            "elapsedTime": item.elapsed_ms,
            "inputByteAmount": item.input_bytes,
            "error": item.error,
        }
    )
