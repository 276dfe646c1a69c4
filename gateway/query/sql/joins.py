"""Joins of the rows that an entity's rows refer to."""

from collections.abc import Iterable

from sqlalchemy import FromClause, Table, and_

from gateway.query.fields import JOIN_KEYS, TABLES


def join_references(
    source: FromClause, table: Table, names: Iterable[str]
) -> FromClause:
    """Join tables that a table refers to.

    Args:
        source: What to join with; has the rows of `table`.
        table: The referring table.
        names: The names of the tables; `table` itself is skipped.
    """
    for name in dict.fromkeys(names):
        if name != table.name:
            other, key = TABLES[name], JOIN_KEYS[name]
            same = and_(
                other.c.account == table.c.account, other.c[key] == table.c[key]
            )
            source = source.outerjoin(other, same)
    return source
