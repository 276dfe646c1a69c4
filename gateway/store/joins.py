"""Joins in a fixed order that read the second table by an index.

Neither planner can know how few keys, or how short ranges, a parameter has. SQLite
keeps the order of a CROSS JOIN; PostgreSQL does not reorder a LATERAL that has a LIMIT
or an OFFSET.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Join


class OrderedJoin(Join):
    """A nested-loop join: for each row of the left side, look up rows of the right.

    The columns are those of both sides.

    Args:
        left: The outer side.
        right: The table whose rows are looked up.
        condition: For SQLite: which rows of `right` match a row of `left`.
        looked_up: For PostgreSQL: selects these rows, correlated with `left`.
    """

    inherit_cache = False

    def __init__(
        self,
        left: FromClause,
        right: Table,
        *,
        condition: ColumnElement[bool],
        looked_up: Select[Any],
    ) -> None:
        super().__init__(left, right, condition)
        self.looked_up = looked_up.correlate(left)


@compiles(OrderedJoin, "sqlite")
def write_cross_join(
    join: OrderedJoin,
    compiler: SQLCompiler,
    **kwargs: Any,  # noqa: ANN401 -- SQLAlchemy's signature
) -> str:
    """Write `left CROSS JOIN right ON condition`."""
    sides = {**kwargs, "asfrom": True}
    left = compiler.process(join.left, **sides)
    right = compiler.process(join.right, **sides)
    condition = compiler.process(join.onclause, **{**kwargs, "asfrom": False})  # type: ignore[arg-type]  # it has one
    return f"{left} CROSS JOIN {right} ON {condition}"


@compiles(OrderedJoin)
def write_lateral_join(
    join: OrderedJoin,
    compiler: SQLCompiler,
    **kwargs: Any,  # noqa: ANN401 -- SQLAlchemy's signature
) -> str:
    """Write `left JOIN LATERAL (looked_up) AS right ON true`."""
    found = join.looked_up.lateral(join.right.name)  # type: ignore[attr-defined]  # a table has one
    return compiler.process(join.left.join(found, true()), **kwargs)


def join_first_per_key(
    keys: FromClause, table: Table, inner: Select[Any]
) -> OrderedJoin:
    """Join each key with the rows that `inner` selects for it.

    Args:
        keys: The table of keys; `inner` refers to its `value`.
        table: The table of the rows.
        inner: Selects columns of the table, its primary key among them, correlated with
            `keys` and possibly limited.
    """
    # Compared as a row value: with the account compared on its own, SQLite may search
    # an index by the account alone, and read all of it for each key.
    identity = [column.name for column in table.primary_key]
    row = tuple_(*(table.c[name] for name in identity))
    chosen = inner.with_only_columns(*(inner.selected_columns[n] for n in identity))
    condition = row.in_(chosen.correlate(keys))
    return OrderedJoin(keys, table, condition=condition, looked_up=inner)


def join_by_key(keys: FromClause, table: Table, names: Iterable[str]) -> OrderedJoin:
    """Join each key with its row.

    Args:
        keys: Has the columns of the table's primary key.
        table: The table of the rows.
        names: The columns that are needed.
    """
    same = and_(*(table.c[key.name] == keys.c[key.name] for key in table.primary_key))
    needed = select(*(table.c[name] for name in dict.fromkeys(names)))
    looked_up = needed.where(same).limit(literal_column("1"))
    return OrderedJoin(keys, table, condition=same, looked_up=looked_up)


def join_ranges(
    ranges: FromClause, table: Table, condition: ColumnElement[bool]
) -> OrderedJoin:
    """Join each range with the rows in it, by the index of the condition.

    Args:
        ranges: Few and short ranges.
        table: The table of the rows.
        condition: Which rows are in a range.
    """
    looked_up = select(table).where(condition).offset(literal_column("0"))
    return OrderedJoin(ranges, table, condition=condition, looked_up=looked_up)
