"""Statements to the work that a database does for them, counted and not timed.

On PostgreSQL it is the rows of jobs and their inputs that a statement reads, by the
plan that a connection comes to use for it; on SQLite the steps of its machine.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson

from gateway.store.database import Database
from gateway.store.engine import is_sqlite
from gateway.store.readers import ReadConnection
from gateway.store.selects import Statement
from tests.plans.recording import RecordedStatement

# From its sixth run on, a statement may get a plan that holds for any values.
RUNS = 6
HISTORY = ("jobs", "job_inputs")
NUMBERS = count(1)
# The whole history has 20,000 rows, and takes SQLite some 100,000 steps to read.
FEW_ROWS = 600
FEW_STEPS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What statements cost.

    Attributes:
        amount: Rows read, or steps made.
        plan: The plans, a line for each node.
    """

    amount: int
    plan: tuple[str, ...]

    @property
    def scanned(self) -> list[str]:
        """The nodes that read jobs from first to last."""
        return [
            line
            for line in self.plan
            if line.startswith(("SCAN jobs", "SCAN inner_rows", "Seq Scan jobs"))
        ]


def is_little(work: Work, database: Database) -> bool:
    """Tell whether far less than the whole history was read, and by an index."""
    return not work.scanned and is_short(work, database)


def is_short(work: Work, database: Database) -> bool:
    """Tell whether far less than the whole history was read."""
    return work.amount <= (FEW_STEPS if is_sqlite(database.reader) else FEW_ROWS)


async def measure(database: Database, ran: Sequence[RecordedStatement]) -> Work:
    """Run statements again, and count."""
    if is_sqlite(database.reader):
        path = str(database.reader.url.database)
        found = [measure_steps(path, statement) for statement in ran]
    else:
        async with Database.reading(database) as reader:  # not recorded
            found = [await measure_rows(reader, statement) for statement in ran]
    return Work(
        amount=sum(work.amount for work in found),
        plan=tuple(line for work in found for line in work.plan),
    )


def measure_steps(path: str, ran: RecordedStatement) -> Work:
    """Count the steps of SQLite's machine."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with closing(sqlite3.connect(path)) as conn:
        plan = conn.execute(f"EXPLAIN QUERY PLAN {ran.sql}", ran.values).fetchall()
        conn.set_progress_handler(step, 1)
        conn.execute(ran.sql, ran.values).fetchall()
    return Work(amount=steps, plan=tuple(row[3] for row in plan))


async def measure_rows(reader: ReadConnection, ran: RecordedStatement) -> Work:
    """Count the rows that PostgreSQL reads of the history."""
    name = f"measured_{next(NUMBERS)}"
    run = f"EXECUTE {name}({', '.join(map(to_literal, ran.values))})"
    explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {run}"
    await reader.fetch(Statement(sql=f"PREPARE {name} AS {ran.sql}"), ())
    for _ in range(RUNS):
        await reader.fetch(Statement(sql=run), ())
    rows = await reader.fetch(Statement(sql=explain), ())
    found = rows[0][0]
    (explained,) = orjson.loads(found) if isinstance(found, str) else found
    nodes = list(iterate_nodes(explained["Plan"]))
    return Work(
        amount=sum(
            rows_of(node) for node in nodes if node.get("Relation Name") in HISTORY
        ),
        plan=tuple(describe_node(node) for node in nodes),
    )


def iterate_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a node of a plan and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from iterate_nodes(child)


def rows_of(node: dict[str, Any]) -> int:
    """Count the rows that a node read: those it gave, and those it dropped."""
    rows: float = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    loops: int = node["Actual Loops"]
    return round(rows * loops)


def describe_node(node: dict[str, Any]) -> str:
    """Show a node."""
    words = (node["Node Type"], node.get("Relation Name"), node.get("Index Name"))
    return " ".join(word for word in words if word)


def to_literal(value: object) -> str:
    """Write a value as SQL."""
    match value:
        case None:
            return "NULL"
        case int():
            return str(value)
        case bytes():
            return f"'\\x{value.hex()}'::bytea"
        case list():
            return to_literal(f"{{{','.join(map(to_item, value))}}}")
        case _:
            return "'" + str(value).replace("'", "''") + "'"


def to_item(value: object) -> str:
    """Write an item of an array."""
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
