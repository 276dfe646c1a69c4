"""Words to look for in texts, to a condition on the rows that have them."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    false,
    or_,
    select,
)

from gateway.query.fields import JOIN_KEYS, TABLES
from gateway.query.plan.words import Similar, to_name
from gateway.query.sql.conditions import scope
from gateway.store.portable import ascii_lower, contains, unindexed
from gateway.store.tables import jobs


def to_similar(similar: Similar) -> ColumnElement[bool]:
    """Write the condition on jobs."""
    table = TABLES[similar.table]
    found = or_(
        false(),
        *(
            and_(
                *(
                    has_word(similar, to_name(similar.parameter, at, inner))
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


def has_word(similar: Similar, name: str) -> ColumnElement[bool]:
    """Tell whether one of the columns has a word."""
    columns = TABLES[similar.table].c
    word: ColumnElement[Any] = bindparam(name, type_=Text)
    return or_(
        *(contains(ascii_lower(columns[c]), word) for c in similar.columns),
        *(ascii_lower(columns[c]) == word for c in similar.whole),
    )
