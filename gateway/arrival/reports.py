"""Jobs that their own systems report, to the store: judged one by one, put at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.arrival.reach import check_reach, to_foreign_error
from gateway.dialects.context import DecodeContext
from gateway.dialects.ndjson import decode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError, ForbiddenError, GatewayError
from gateway.store.batches import WriteOutcome
from gateway.store.database import Database
from gateway.store.rows import JobRow, to_job_row
from gateway.store.writes import put_each

# Others are answered after so many, some milliseconds.
PART_DOCUMENTS = 20
# Instants of the gateway's own documents have an offset each.
UTC = ZoneInfo("UTC")


class RecordOutcome(StrEnum):
    """What became of a reported job."""

    RECORDED = "RECORDED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    OUTDATED = "OUTDATED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a reported job; `error` says why it is rejected."""

    outcome: RecordOutcome
    error: GatewayError | None = None


OUTCOMES: Mapping[WriteOutcome, RecordOutcome] = {
    WriteOutcome.NEW: RecordOutcome.RECORDED,
    WriteOutcome.UPDATED: RecordOutcome.UPDATED,
    WriteOutcome.UNCHANGED: RecordOutcome.UNCHANGED,
    WriteOutcome.OUTDATED: RecordOutcome.OUTDATED,
}


async def record_jobs(
    database: Database,
    account: str,
    documents: Sequence[JsonObject],
    *,
    project_id: int | None = None,
) -> Sequence[Receipt]:
    """Write the jobs that can be, in one transaction and as if one after the other.

    Args:
        database: Where to.
        account: Whose jobs they are.
        documents: The jobs, in the gateway's own format.
        project_id: The only project that may be written to, and the project of jobs
            that name none; None is any.

    Returns:
        What became of each document.

    Raises:
        DatabaseUnavailableError: The database cannot be written to; nothing is.
    """
    context = DecodeContext(project_id=project_id, time_zone=UTC)
    found: list[JobRow | GatewayError] = []
    for at, document in enumerate(documents):
        if at % PART_DOCUMENTS == 0:
            await asyncio.sleep(0)
        found.append(to_row_or_error(document, context))
    rows = [each for each in found if isinstance(each, JobRow)]
    outcomes = iter(await write(database, account, rows, project_id) if rows else ())
    return [
        to_receipt(next(outcomes))
        if isinstance(each, JobRow)
        else Receipt(outcome=RecordOutcome.REJECTED, error=each)
        for each in found
    ]


def to_row_or_error(
    document: JsonObject, context: DecodeContext
) -> JobRow | GatewayError:
    """Read a document, or say what is wrong with it."""
    try:
        record = decode_job(document, context)
        check_reach(record, context.project_id)
        return to_job_row(record)
    except (DecodeError, ForbiddenError) as exc:
        return exc


async def write(
    database: Database, account: str, rows: Sequence[JobRow], project_id: int | None
) -> Sequence[WriteOutcome]:
    """Write rows in a transaction of their own."""
    async with database.transaction() as conn:
        return await put_each(conn, account, rows, project_id=project_id)


def to_receipt(outcome: WriteOutcome) -> Receipt:
    """Say what became of a job that could be read."""
    if outcome is WriteOutcome.FOREIGN:
        return Receipt(outcome=RecordOutcome.REJECTED, error=to_foreign_error())
    return Receipt(outcome=OUTCOMES[outcome])
