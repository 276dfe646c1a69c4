"""Rows of numbers to one bind parameter, and to a table in a statement.

A window has any number of parts; were each a parameter of its own, each number of them
would be another statement.
"""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import (
    CTE,
    JSON,
    BigInteger,
    ColumnElement,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store.engine import is_sqlite


def to_rows_value(rows: Iterable[Sequence[int]]) -> str:
    """Make the value of the parameter that `table_of` reads."""
    return orjson.dumps(list(map(tuple, rows))).decode()


def table_of(name: str, columns: Sequence[str], engine: AsyncEngine) -> CTE:
    """Give a table with the rows of the parameter `name`.

    It is made once, and not again for each row that it is joined with.
    """
    given = bindparam(name, type_=Text)
    if is_sqlite(engine):
        rows = func.json_each(given).table_valued("value", name=f"{name}_rows")
    else:
        listed = func.json_array_elements(cast(given, JSON))
        rows = listed.table_valued("value", name=f"{name}_rows").render_derived()
    items = (
        to_item(rows.c.value, at, engine).label(column)
        for at, column in enumerate(columns)
    )
    return select(*items).cte(name).prefix_with("MATERIALIZED")


def to_item(
    row: ColumnElement[str], at: int, engine: AsyncEngine
) -> ColumnElement[int]:
    """Give the number at a place of a row."""
    if is_sqlite(engine):
        return func.json_extract(row, f"$[{at}]", type_=BigInteger)
    return cast(row.op("->>")(at), BigInteger)
