"""Rows to objects, as one writes them by hand: for both hand-written contestants.

Rows hold what the tables hold: instants in µs, amounts in billionths. The conversions
are the gateway's own functions.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from gateway.store.columns import from_micros, from_nanos

Row = Sequence[Any]
Shape = Callable[[Row], dict[str, Any]]


def at(micros: int | None) -> datetime | None:
    """Convert an instant that may be missing."""
    return None if micros is None else from_micros(micros)


def to_page(rows: Sequence[Row], first: int, shape: Shape) -> dict[str, Any]:
    """Make a connection of the nodes; one row more than asked for tells of more."""
    return {
        "nodes": [shape(row) for row in rows[:first]],
        "pageInfo": {"hasNextPage": len(rows) > first},
    }


def to_edges_page(rows: Sequence[Row], first: int, shape: Shape) -> dict[str, Any]:
    """Make a connection of edges, of the first page."""
    return {
        "edges": [{"node": shape(row)} for row in rows[:first]],
        "pageInfo": {"hasNextPage": len(rows) > first, "hasPreviousPage": False},
    }


def to_money(amount: int | None, currency: str | None) -> dict[str, Any] | None:
    """Make an amount of money."""
    if amount is None:
        return None
    return {"amount": format(from_nanos(amount), "f"), "currency": currency}


def to_job5(row: Row) -> dict[str, Any]:
    """Make a job of five fields."""
    job_identifier, status, category, created_at, elapsed_ms = row
    return {
        "jobIdentifier": job_identifier,
        "status": status,
        "category": category,
        "createdAt": from_micros(created_at),
        "elapsedTime": elapsed_ms,
    }


def to_job24(row: Row) -> dict[str, Any]:
    """Make a job of 24 fields."""
    (
        source, job_identifier, project_id, category, label, status, submitted_by,
        created_at, submitted_at, started_at, finished_at, updated_at,
        total, pending, completed, failed, elapsed_ms, queue_ms, input_bytes,
        cost_amount, cost_currency, model_identifier, model_version,
    ) = row  # fmt: skip
    return {
        "id": to_job_id(source, job_identifier),
        "jobIdentifier": job_identifier,
        "source": source,
        "projectId": project_id,
        "category": category,
        "label": label,
        "status": status,
        "submittedBy": submitted_by,
        "createdAt": from_micros(created_at),
        "submittedAt": at(submitted_at),
        "startedAt": at(started_at),
        "finishedAt": at(finished_at),
        "updatedAt": from_micros(updated_at),
        "total": total,
        "pending": pending,
        "completed": completed,
        "failed": failed,
        "elapsedTime": elapsed_ms,
        "queueTime": queue_ms,
        "inputByteAmount": input_bytes,
        "cost": to_money(cost_amount, cost_currency),
        "model": None
        if model_identifier is None
        else {"identifier": model_identifier, "version": model_version},
    }


def to_explorer(row: Row) -> dict[str, Any]:
    """Make a job of 38 fields."""
    (
        source, job_identifier, account, project_id, category, category_key, label,
        status, raw_status, submitted_by, created_at, submitted_at, assigned_at,
        started_at, finished_at, updated_at, total, pending, completed, failed,
        elapsed_ms, queue_ms, timeout_ms, explain, input_bytes, instance, run,
        cost_amount, cost_currency, model_identifier, model_version, model_name,
        user_source, user_identifier, user_title,
    ) = row  # fmt: skip
    return {
        "id": to_job_id(source, job_identifier),
        "jobIdentifier": job_identifier,
        "source": source,
        "accountIdentifier": account,
        "projectId": project_id,
        "category": category,
        "categoryKey": category_key,
        "label": label,
        "status": status,
        "rawStatus": raw_status,
        "submittedBy": submitted_by,
        "createdAt": from_micros(created_at),
        "submittedAt": at(submitted_at),
        "assignedAt": at(assigned_at),
        "startedAt": at(started_at),
        "finishedAt": at(finished_at),
        "updatedAt": from_micros(updated_at),
        "total": total,
        "pending": pending,
        "completed": completed,
        "failed": failed,
        "elapsedTime": elapsed_ms,
        "queueTime": queue_ms,
        "timeout": timeout_ms,
        "explain": None if explain is None else bool(explain),
        "inputByteAmount": input_bytes,
        "instance": instance,
        "run": run,
        "cost": to_money(cost_amount, cost_currency),
        "model": None
        if model_identifier is None
        else {
            "id": to_model_id(model_identifier, model_version),
            "identifier": model_identifier,
            "version": model_version,
            "name": model_name,
        },
        "user": None
        if user_identifier is None
        else {
            "id": to_user_id(user_source, user_identifier),
            "identifier": user_identifier,
            "source": user_source,
            "title": user_title,
        },
    }


def to_input(row: Row) -> dict[str, Any]:
    """Make an input; its job stands first in the row."""
    _, identifier, status, elapsed_ms, input_bytes = row
    return {
        "identifier": identifier,
        "status": status,
        "elapsedTime": elapsed_ms,
        "byteAmount": input_bytes,
    }


def to_token(row: Row) -> dict[str, Any]:
    """Make a job of three fields; its model stands first in the row."""
    _, job_identifier, status, created_at = row
    return {
        "jobIdentifier": job_identifier,
        "status": status,
        "createdAt": from_micros(created_at),
    }


def by_first(rows: Sequence[Row], shape: Shape) -> dict[Any, list[dict[str, Any]]]:
    """Part objects by what stands first in their rows."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(shape(row))
    return found


def to_nested(
    rows: Sequence[Row], inputs: Sequence[Row], siblings: Sequence[Row]
) -> list[dict[str, Any]]:
    """Make jobs with their inputs, and with other jobs of their models."""
    inputs_of = by_first(inputs, to_input)
    jobs_of = by_first(siblings, to_token)
    return [
        {
            "jobIdentifier": job_identifier,
            "status": status,
            "createdAt": from_micros(created_at),
            "jobInputs": {"nodes": inputs_of.get(job_id, [])},
            "model": None
            if model_id is None
            else {
                "identifier": model_identifier,
                "version": model_version,
                "jobs": {"nodes": jobs_of.get(model_id, [])},
            },
        }
        for (
            job_id, model_id, job_identifier, status, created_at,
            model_identifier, model_version,
        ) in rows
    ]  # fmt: skip


def to_summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Make a usage summary of rows in order: category, ms, jobs."""
    return {
        "summary": [
            {"category": category, "lengthMs": length_ms, "jobCount": count}
            for category, length_ms, count in rows
        ],
        "totals": {
            "lengthMs": sum(row[1] for row in rows),
            "jobCount": sum(row[2] for row in rows),
        },
    }
