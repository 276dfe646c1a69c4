"""Records to the gateway's own documents, before what only a document said."""

from datetime import datetime

from gateway.dialects.instants import format_z
from gateway.dialects.residue import JsonObject, known
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JsonValue,
    ModelRecord,
    Money,
    UserRecord,
)


def to_document(record: JobRecord) -> JsonObject:
    """Write the canonical document: what is unknown is absent."""
    logs = record.logs or JobLogs()
    inputs: list[JsonValue] = [from_input(item) for item in record.inputs]
    return known(
        {
            "jobIdentifier": record.job_identifier,
            "source": record.source.value,
            "projectId": record.project_id,
            "category": record.category,
            "categoryKey": record.category_key,
            "label": record.label,
            "status": record.status.value,
            "rawStatus": record.raw_status,
            "model": from_model(record.model),
            "user": from_user(record.user),
            "submittedBy": record.submitted_by,
            "createdAt": format_z(record.created_at),
            "submittedAt": from_instant(record.submitted_at),
            "assignedAt": from_instant(record.assigned_at),
            "startedAt": from_instant(record.started_at),
            "finishedAt": from_instant(record.finished_at),
            "updatedAt": format_z(record.updated_at),
            "total": record.total,
            "pending": record.pending,
            "completed": record.completed,
            "failed": record.failed,
            "elapsedTime": record.elapsed_ms,
            "queueTime": record.queue_ms,
            "timeout": record.timeout_ms,
            "explain": record.explain,
            "imageClassificationModel": record.image_classification_model,
            "inputByteAmount": record.input_bytes,
            "jobInputs": inputs or None,
            "cost": from_cost(record.cost),
            "arguments": record.arguments,
            "result": record.result,
            "instance": record.instance,
            "run": record.run,
            "incrementalId": record.incremental_id,
            "buildLogs": logs.build_logs,
            "stdout": logs.stdout,
            "stderr": logs.stderr,
        }
    )


def from_instant(instant: datetime | None) -> str | None:
    """Write an instant that may be unknown."""
    return None if instant is None else format_z(instant)


def from_model(model: ModelRecord | None) -> JsonValue:
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


def from_user(user: UserRecord | None) -> JsonValue:
    """Write the user."""
    if user is None:
        return None
    return known(
        {
            "identifier": user.identifier,
            "externalIdentifier": user.external_identifier,
            "firstName": user.first_name,
            "lastName": user.last_name,
            "email": user.email,
            "status": user.status,
            "title": user.title,
        }
    )


def from_input(item: JobInputRecord) -> JsonObject:
    """Write one input."""
    return known(
        {
            "identifier": item.identifier,
            "status": item.status.value if item.status else None,
            "startedAt": from_instant(item.started_at),
            "finishedAt": from_instant(item.finished_at),
            "elapsedTime": item.elapsed_ms,
            "byteAmount": item.input_bytes,
            "error": item.error,
        }
    )


def from_cost(cost: Money | None) -> JsonValue:
    """Write an amount as text, without an exponent or final zeros."""
    if cost is None:
        return None
    digits = f"{cost.amount:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return {"amount": digits, "currency": cost.currency}
