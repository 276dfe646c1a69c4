"""Lists of values in statements, and the first rows for each value.

A list is one bind parameter, so that the text of a statement does not grow with it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Join
from sqlalchemy.types import TypeEngine

from gateway.store.engine import is_sqlite


def to_list_value(values: Sequence[Any], engine: AsyncEngine) -> object:
    """Make the one value that `keys_of` and `is_any_of` take a list in."""
    return orjson.dumps(values).decode() if is_sqlite(engine) else values


def keys_of(name: str, of: TypeEngine[Any], engine: AsyncEngine) -> FromClause:
    """Give a table with the items of the list parameter `name` as column `value`."""
    if is_sqlite(engine):
        return func.json_each(bindparam(name, type_=Text)).table_valued(
            "value", name="keys"
        )
    items = cast(bindparam(name), ARRAY(to_item_type(of)))
    return func.unnest(items).table_valued("value", name="keys").render_derived()


def is_any_of(
    column: ColumnElement[Any], name: str, engine: AsyncEngine
) -> ColumnElement[bool]:
    """Compare a column with the items of the list parameter `name`."""
    if is_sqlite(engine):
        items = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(items.c.value))
    items_type = ARRAY(to_item_type(column.type))
    return column == func.any(cast(bindparam(name), items_type))


def is_any_row_of(
    columns: Sequence[ColumnElement[Any]], name: str, engine: AsyncEngine
) -> ColumnElement[bool]:
    """Compare columns of text with the items of the list parameter `name`.

    Each item is JSON: a list with a text for each column.
    """
    rows = keys_of(name, Text(), engine)
    texts = (text_at(rows.c.value, at, engine) for at in range(len(columns)))
    return tuple_(*columns).in_(select(*texts))


def text_at(
    column: ColumnElement[Any], place: int, engine: AsyncEngine
) -> ColumnElement[Any]:
    """Give one text of a JSON list."""
    if is_sqlite(engine):
        return func.json_extract(column, literal_column(f"'$[{place}]'"))
    return cast(column, JSON).op("->>")(literal_column(str(place)))


def to_item_type(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """Give PostgreSQL's type for the items of a list."""
    return BigInteger() if issubclass(of.python_type, int) else Text()


class Unindexed(ColumnElement[Any]):
    """A column that SQLite is not to choose an index by; see `unindexed`."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type


@compiles(Unindexed)
def write_plainly(element: Unindexed, compiler: SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's signature
    """Write the column as it is: PostgreSQL chooses by its statistics."""
    return compiler.process(element.column, **kwargs)


@compiles(Unindexed, "sqlite")
def write_with_plus(element: Unindexed, compiler: SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's signature
    """Write `+column`, which means the column and hides its indexes from SQLite."""
    return f"+{compiler.process(element.column, **kwargs)}"


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give a column that only filters rows which another index brings in order.

    SQLite has no statistics here and takes the index with the most equalities, even
    where it must then sort all it finds.
    """
    return Unindexed(column)


class OrderedJoin(Join):
    """A join whose left side SQLite reads first: its CROSS JOIN says so."""

    inherit_cache = True


@compiles(OrderedJoin, "sqlite")
def write_cross_join(join: OrderedJoin, compiler: SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's signature
    """Write `left CROSS JOIN right ON condition`."""
    sides = {**kwargs, "asfrom": True}
    left = compiler.process(join.left, **sides)
    right = compiler.process(join.right, **sides)
    condition = compiler.process(join.onclause, **{**kwargs, "asfrom": False})  # type: ignore[arg-type]  # it has one
    return f"{left} CROSS JOIN {right} ON {condition}"


def join_first_per_key(
    keys: FromClause, table: Table, inner: Select[Any], engine: AsyncEngine
) -> tuple[Join, FromClause]:
    """Join each of the keys with the rows that `inner` chooses for it.

    Args:
        keys: The table of keys; `inner` refers to its `value`.
        table: The table of the rows.
        inner: Correlated with `keys`; gives the columns of rows of the table, perhaps
            limited: what identifies them first, and first of all the account.
        engine: SQLite joins by a correlated IN, PostgreSQL by LATERAL.

    Returns:
        The join, and what has the columns of its rows.
    """
    if not is_sqlite(engine):
        picked = inner.lateral("picked")
        return keys.join(picked, true()), picked
    # Were the account compared on its own, SQLite might take an index that has
    # nothing but the account to search by, and read it all for each key.
    identity = [column.name for column in table.primary_key]
    row = tuple_(*(table.c[name] for name in identity))
    chosen = inner.with_only_columns(*(inner.selected_columns[n] for n in identity))
    return OrderedJoin(keys, table, row.in_(chosen.correlate(keys))), table


def join_by_key(
    keys: FromClause, table: Table, names: Iterable[str], engine: AsyncEngine
) -> tuple[Join, FromClause]:
    """Join each of the keys with its row.

    PostgreSQL, which cannot know how few keys there are, would rather read the whole
    table once; a LATERAL with a limit leaves it no choice.

    Args:
        keys: Has the columns of the table's primary key.
        table: The table of the rows.
        names: The columns that are needed.
        engine: Whose SQL.

    Returns:
        The join, and what has the columns of its rows.
    """
    same = and_(*(table.c[key.name] == keys.c[key.name] for key in table.primary_key))
    if is_sqlite(engine):
        return OrderedJoin(keys, table, same), table
    needed = select(*(table.c[name] for name in dict.fromkeys(names)))
    picked = needed.where(same).limit(literal_column("1")).lateral("picked")
    return keys.join(picked, true()), picked
