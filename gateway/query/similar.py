"""Words to look for in texts, to a condition on the rows that have them."""

from dataclasses import dataclass
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

from gateway.query.conditions import scope
from gateway.query.filters import Values
from gateway.query.sources import JOIN_KEYS, TABLES
from gateway.store.engine import is_sqlite
from gateway.store.keyed import unindexed
from gateway.store.tables import jobs

# Any of the groups, and of a group all words.
Words = tuple[tuple[str, ...], ...]
CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Words that a job's own columns, or those of what it names, must contain.

    Attributes:
        table: `jobs`, or a table of what they name.
        columns: Each word is in one of them, whatever the case of its ASCII letters.
        whole: Or it is all that one of these has.
        parameter: What the names of the words' parameters begin with.
        sizes: How many words each group has; none match nothing.
    """

    table: str
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ()
    parameter: str
    sizes: tuple[int, ...]


def to_possible(words: Words) -> Words:
    """Leave out groups with a NUL: no text has one, and PostgreSQL takes none."""
    return tuple(group for group in words if "\0" not in "".join(group))


def to_word_values(parameter: str, words: Words) -> Values:
    """Give the values of the parameters of words."""
    return {
        to_name(parameter, at, inner): word.translate(CAPITALS)
        for at, group in enumerate(words)
        for inner, word in enumerate(group)
    }


def to_name(parameter: str, at: int, inner: int) -> str:
    """Name the parameter of a word."""
    return f"{parameter}_{at}_{inner}"


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
