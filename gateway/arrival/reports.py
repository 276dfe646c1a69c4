"""Writes jobs that their own systems report, rejecting the invalid ones one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.arrival.reach import check_reach, to_foreign_error
from gateway.arrival.starts import check_start
from gateway.arrival.turns import collect
from gateway.dialects.context import DecodeContext
from gateway.dialects.ndjson import decode_job
from gateway.dialects.residue import JsonObject
from gateway.errors import DecodeError, ForbiddenError, GatewayError
from gateway.store.batches import WriteOutcome
from gateway.store.database import Database
from gateway.store.rows import JobRow, to_job_row
from gateway.store.writes import put_each

# Not used: instants of the gateway's own format have an offset each.
ANY_ZONE = ZoneInfo("UTC")


class RecordOutcome(StrEnum):
    """The outcome of a reported job."""

    RECORDED = "RECORDED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    OUTDATED = "OUTDATED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The outcome of a reported job; `error` says why it is rejected."""

    outcome: RecordOutcome
    error: GatewayError | None = None


async def record_jobs(
    database: Database,
    account: str,
    documents: Sequence[JsonObject],
    *,
    project_id: int | None = None,
) -> Sequence[Receipt]:
    """Write the valid jobs in one transaction, as if one after the other.

    Args:
        database: Where to.
        account: Whose jobs they are.
        documents: The jobs, in the gateway's own format.
        project_id: The only project that may be written to, and the project of jobs
            that name none; None is any.

    Returns:
        The outcome of each document.

    Raises:
        DatabaseUnavailableError: The database cannot be written to; nothing is.
    """
    context = DecodeContext(project_id=project_id, time_zone=ANY_ZONE)
    now = datetime.now(UTC)
    found = await collect(to_row_or_error(each, context, now) for each in documents)
    rows = [each for each in found if isinstance(each, JobRow)]
    outcomes = iter(await write_rows(database, account, rows, project_id))
    return [
        to_receipt(next(outcomes))
        if isinstance(each, JobRow)
        else Receipt(outcome=RecordOutcome.REJECTED, error=each)
        for each in found
    ]


def to_row_or_error(
    document: JsonObject, context: DecodeContext, now: datetime
) -> JobRow | GatewayError:
    """Decode a document; an error where it is invalid."""
    try:
        record = decode_job(document, context)
        check_reach(record, context.project_id)
        check_start(record, now)
        return to_job_row(record)
    except (DecodeError, ForbiddenError) as exc:
        return exc


async def write_rows(
    database: Database, account: str, rows: Sequence[JobRow], project_id: int | None
) -> Sequence[WriteOutcome]:
    """Write rows, if there are any, in a transaction of their own."""
    if not rows:
        return ()
    async with database.transaction() as conn:
        return await put_each(conn, account, rows, project_id=project_id)


def to_receipt(outcome: WriteOutcome) -> Receipt:
    """Give the receipt of a valid job."""
    if outcome is WriteOutcome.FOREIGN:
        return Receipt(outcome=RecordOutcome.REJECTED, error=to_foreign_error())
    if outcome is WriteOutcome.NEW:
        return Receipt(outcome=RecordOutcome.RECORDED)
    return Receipt(outcome=RecordOutcome(outcome.value))
