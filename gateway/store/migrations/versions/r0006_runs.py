"""Runs of jobs that neither run nor have an end: usage is added up anew after it.

Only a job that is running counts as running until now. Jobs that were canceled while
they were queued have not started. Currencies are in capitals.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# The last ms that a run may end at, as in `gateway.store.rows`.
LAST_MS = 253_402_214_400_000


def upgrade() -> None:
    """Change the jobs that are stored."""
    unended = "run_start_ms IS NOT NULL AND run_end_ms IS NULL AND status <> 'RUNNING'"
    op.execute(
        "UPDATE jobs SET run_end_ms = run_start_ms + elapsed_ms"  # noqa: S608 -- constant
        f" WHERE {unended} AND elapsed_ms BETWEEN 0 AND {LAST_MS} - run_start_ms"
    )
    op.execute(f"UPDATE jobs SET run_start_ms = NULL WHERE {unended}")  # noqa: S608 -- constant
    op.execute(
        "UPDATE jobs SET started_at = NULL, run_start_ms = NULL, run_end_ms = NULL"
        " WHERE source IN ('MODZY', 'SWF') AND status = 'CANCELED'"
        " AND elapsed_ms IS NULL AND started_at IS NOT NULL"
    )
    op.execute(
        "UPDATE jobs SET cost_currency = upper(cost_currency)"
        " WHERE length(cost_currency) = 3 AND cost_currency <> upper(cost_currency)"
    )
