"""What a round of an upstream asks of the store reads little of a long history."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from gateway.store.database import Database
from gateway.store.known_jobs import JobScope, read_known, read_pending
from gateway.store.quiet_windows import find_quiet_window
from tests.plans.history import JOBS, START, STEP
from tests.plans.measuring import is_little, measure
from tests.plans.recording import RecordedStatement, RecordingDatabase

SCOPE = JobScope(account="acme", source="EDGE_IMPULSE", project_id=1)
LATELY = START + JOBS * STEP - timedelta(hours=3)


@contextmanager
def recorded(database: Database) -> Iterator[list[RecordedStatement]]:
    """Keep what is asked through SQLAlchemy within the block."""
    ran: list[RecordedStatement] = []

    def keep(_: Any, __: Any, sql: str, values: Any, *___: Any) -> None:  # noqa: ANN401 -- SQLAlchemy's own
        ran.append(RecordedStatement(sql=sql, values=values))

    event.listen(database.reader.sync_engine, "before_cursor_execute", keep)
    try:
        yield ran
    finally:
        event.remove(database.reader.sync_engine, "before_cursor_execute", keep)


async def test_a_quiet_window_is_found_by_the_runs_near_its_end(
    history: RecordingDatabase,
) -> None:
    with recorded(history) as ran:
        window = await find_quiet_window(history, SCOPE, LATELY)
    work = await measure(history, ran)
    assert window is not None
    assert is_little(work, history), work


async def test_jobs_that_have_not_ended_are_found_by_their_status(
    history: RecordingDatabase,
) -> None:
    with recorded(history) as ran:
        found = await read_pending(history, SCOPE, LATELY)
    work = await measure(history, ran)
    assert found
    assert is_little(work, history), work


async def test_jobs_of_a_page_are_found_by_their_identifiers(
    history: RecordingDatabase,
) -> None:
    names = [f"job-{number:06}" for number in range(1, 1_000, 15)]
    with recorded(history) as ran:
        async with history.reader.connect() as conn:
            found = await read_known(conn, SCOPE, names)
    work = await measure(history, ran)
    assert sorted(found) == names
    assert is_little(work, history), work
