"""Words to look for in texts, to a condition on the rows that have them."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    collate,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.query.fields import JOIN_KEYS, TABLES
from gateway.query.plan.words import Similar, to_name
from gateway.query.sql.conditions import scope
from gateway.store.engine import is_sqlite
from gateway.store.keyed import unindexed
from gateway.store.tables import jobs


def to_similar(similar: Similar, engine: AsyncEngine) -> ColumnElement[bool]:
    """Write the condition on jobs."""
    table = TABLES[similar.table]
    found = or_(
        false(),
        *(
            and_(
                *(
                    has_word(similar, to_name(similar.parameter, at, inner), engine)
                    for inner in range(size)
                )
            )
            for at, size in enumerate(similar.sizes)
        ),
    )
    if table is jobs:
        return found
    key = JOIN_KEYS[similar.table]
    # The jobs are of the principal's project already, where it has one.
    named = select(table.c[key]).where(scope(table, in_project=False), found)
    return unindexed(jobs.c[key]).in_(named)


def has_word(similar: Similar, name: str, engine: AsyncEngine) -> ColumnElement[bool]:
    """Write that one of the columns has a word."""
    columns = TABLES[similar.table].c
    word: ColumnElement[Any] = bindparam(name, type_=Text)
    find = func.instr if is_sqlite(engine) else func.strpos
    return or_(
        *(
            find(lowered(columns[c], engine), word, type_=Integer) > 0
            for c in similar.columns
        ),
        *(lowered(columns[c], engine) == word for c in similar.whole),
    )


def lowered(column: ColumnElement[Any], engine: AsyncEngine) -> ColumnElement[Any]:
    """Lower the ASCII letters, as SQLite does; PostgreSQL's own way has more."""
    return func.lower(column if is_sqlite(engine) else collate(column, "C"))
