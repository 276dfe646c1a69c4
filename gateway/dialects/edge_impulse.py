"""Edge Impulse's job documents to records and back."""

from dataclasses import replace
from datetime import datetime

from gateway.dialects.context import DecodeContext
from gateway.dialects.fields import MAX_INT64, Fields, to_fields, wrong
from gateway.dialects.instants import latest, ms_between, ms_to_seconds
from gateway.dialects.items import to_item_counts
from gateway.dialects.residue import JsonObject, known, restore, to_residue
from gateway.instants import format_rfc3339
from gateway.records import (
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    JsonValue,
    UserRecord,
)


def decode_job(document: object, context: DecodeContext) -> JobRecord:
    """Read one job of a list, or of a job's status.

    Raises:
        DecodeError: A field has a value it cannot have, or `id` or `created` is
            missing.
    """
    fields = to_fields(document)
    record = decode_record(fields, context)
    return replace(record, residue=to_residue(fields.values, encode_record(record)))


def encode_job(record: JobRecord) -> JsonObject:
    """Write the job as Edge Impulse does."""
    return restore(encode_record(record), record.residue)


def decode_record(fields: Fields, context: DecodeContext) -> JobRecord:
    """Read every field that a record has."""
    created_at = fields.instant("created")
    if created_at is None:
        raise wrong("created", None, "the instant the job was created")
    started_at = fields.instant("started")
    finished_at = fields.instant("finished")
    status = decode_status(fields, started_at, finished_at)
    compute_ms = fields.seconds_ms("computeTime")
    passed_ms = ms_between(started_at, finished_at)
    return JobRecord(
        source=JobSource.EDGE_IMPULSE,
        job_identifier=decode_identifier(fields, "id"),
        project_id=context.project_id,
        category=fields.name("category"),
        category_key=fields.text("categoryKey"),
        label=fields.text("key"),
        status=status,
        user=decode_user(fields.inner("createdByUser")),
        created_at=created_at,
        submitted_at=created_at,
        started_at=started_at,
        finished_at=finished_at,
        updated_at=latest(created_at, started_at, finished_at),
        **to_item_counts(status),
        elapsed_ms=passed_ms if compute_ms is None else compute_ms,
        queue_ms=ms_between(created_at, started_at),
        logs=decode_logs(fields),
    )


def decode_status(
    fields: Fields, started_at: datetime | None, finished_at: datetime | None
) -> JobStatus:
    """Derive the status, which documents lack; it is final once there is an end."""
    is_success = fields.flag("finishedSuccessful")
    if finished_at is None:
        return JobStatus.QUEUED if started_at is None else JobStatus.RUNNING
    if is_success is None:
        return JobStatus.UNKNOWN
    return JobStatus.COMPLETED if is_success else JobStatus.FAILED


def decode_identifier(fields: Fields, key: str) -> str:
    """Read an integer, or text, as text."""
    if isinstance(fields.values.get(key), str):
        return fields.identifier(key)
    value = fields.integer(key)
    if value is None:
        raise wrong(fields.path + key, None, f"an integer from 0 to {MAX_INT64}")
    return str(value)


def decode_user(fields: Fields | None) -> UserRecord | None:
    """Read the user; without an id, the username identifies it."""
    if fields is None:
        return None
    username = fields.name("username")
    has_id = fields.values.get("id") is not None
    identifier = decode_identifier(fields, "id") if has_id else username
    if not identifier:
        return None
    first_name, last_name = split_name(fields.text("name"))
    return UserRecord(
        identifier=identifier,
        external_identifier=username,
        first_name=first_name,
        last_name=last_name,
    )


def split_name(name: str | None) -> tuple[str | None, str | None]:
    """Split a person's name at its last blank."""
    if name is None:
        return None, None
    first_name, _, last_name = name.strip().rpartition(" ")
    if not first_name:
        return last_name or None, None
    return first_name.rstrip(), last_name


def decode_logs(fields: Fields) -> JobLogs | None:
    """Read the output: text, or the lines of `/stdout` in the order they came."""
    value = fields.values.get("stdout")
    if not isinstance(value, list):
        text = fields.text("stdout")
        return None if text is None else JobLogs(stdout=text)
    lines = [
        fields.at("stdout", position, line).text("data") or ""
        for position, line in enumerate(value)
    ]
    return JobLogs(stdout="".join(lines))


def encode_record(record: JobRecord) -> JsonObject:
    """Write the canonical document, in which unknown fields are absent."""
    return known(
        {
            "id": encode_identifier(record.job_identifier),
            "category": record.category,
            "categoryKey": record.category_key,
            "key": record.label,
            "created": encode_instant(record.created_at),
            "started": encode_instant(record.started_at),
            "finished": encode_instant(record.finished_at),
            "finishedSuccessful": encode_status(record.status),
            "computeTime": ms_to_seconds(record.elapsed_ms),
            "createdByUser": encode_user(record.user),
            "stdout": record.logs.stdout if record.logs else None,
        }
    )


def encode_identifier(identifier: str) -> str | int:
    """Write an identifier as an integer, where it is one."""
    if not (identifier.isascii() and identifier.isdecimal()):
        return identifier
    # Neither leading zeros nor more than 64 bits.
    if len(identifier) > len(str(MAX_INT64)) or str(int(identifier)) != identifier:
        return identifier
    return int(identifier) if int(identifier) <= MAX_INT64 else identifier


def encode_instant(instant: datetime | None) -> str | None:
    """Write an instant that may be unknown, as the JavaScript client reads it."""
    return None if instant is None else format_rfc3339(instant, "milliseconds")


def encode_status(status: JobStatus) -> bool | None:
    """Write whether the job succeeded; None where that is unknown."""
    if status is JobStatus.COMPLETED:
        return True
    return False if status is JobStatus.FAILED else None


def encode_user(user: UserRecord | None) -> JsonValue:
    """Write the user."""
    if user is None:
        return None
    names = [name for name in (user.first_name, user.last_name) if name]
    return known(
        {
            "id": encode_identifier(user.identifier),
            "name": " ".join(names) or None,
            "username": user.external_identifier,
        }
    )
