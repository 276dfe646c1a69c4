"""Expressions whose SQL differs between SQLite and PostgreSQL.

A select is the same object for both; the SQL of each is written when the select is
compiled for it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    CTE,
    JSON,
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    TableValuedAlias,
    Text,
    TypeDecorator,
    UnaryExpression,
    bindparam,
    cast,
    collate,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType, custom_op
from sqlalchemy.types import TypeEngine
from typing_extensions import override


class PerDatabase(ColumnElement[Any]):
    """An expression with a variant for each database."""

    inherit_cache = False

    def __init__(
        self, *, sqlite: ColumnElement[Any], postgresql: ColumnElement[Any]
    ) -> None:
        self.sqlite = sqlite
        self.postgresql = postgresql
        self.type = postgresql.type

    @override
    def self_group(self, against: OperatorType | None = None) -> ColumnElement[Any]:
        return PerDatabase(
            sqlite=self.sqlite.self_group(against),
            postgresql=self.postgresql.self_group(against),
        )


class RowsPerDatabase(FunctionElement[Any]):
    """A set-returning function of one column, with a variant for each database."""

    inherit_cache = False

    def __init__(
        self, *, sqlite: FunctionElement[Any], postgresql: FunctionElement[Any]
    ) -> None:
        super().__init__()
        self.sqlite = sqlite
        self.postgresql = postgresql

    def as_table(self, name: str) -> FromClause:
        """Make a table of the rows, with the column `value`."""
        return self.table_valued("value", name=name).render_derived()


@compiles(PerDatabase)
@compiles(RowsPerDatabase)
def write_variant(
    element: PerDatabase | RowsPerDatabase,
    compiler: SQLCompiler,
    **kwargs: Any,  # noqa: ANN401 -- SQLAlchemy's signature
) -> str:
    """Write the variant for the compiler's database."""
    is_sqlite = compiler.dialect.name == "sqlite"
    return compiler.process(
        element.sqlite if is_sqlite else element.postgresql, **kwargs
    )


@compiles(TableValuedAlias, "sqlite")
def write_without_column_names(
    alias: TableValuedAlias,
    compiler: SQLCompiler,
    **kwargs: Any,  # noqa: ANN401 -- SQLAlchemy's signature
) -> str:
    """Omit the column names: SQLite's table-valued functions define their own."""
    text: str = compiler.visit_table_valued_alias(alias, **kwargs)  # type: ignore[no-untyped-call]  # it has no types
    return text.removesuffix("(value)")


class ListOf(TypeDecorator[Sequence[Any]]):
    """A list as one bind parameter: an array on PostgreSQL, JSON text on SQLite.

    So the SQL does not depend on the length of the list.
    """

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        is_number = issubclass(of.python_type, int)
        self.of: TypeEngine[Any] = BigInteger() if is_number else Text()

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else ARRAY(self.of)

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> object:
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else value


def list_items(name: str, of: TypeEngine[Any]) -> FromClause:
    """Make a table of the items of the list parameter `name`, with a column `value`."""
    given = bindparam(name, type_=ListOf(of))
    items = RowsPerDatabase(
        sqlite=func.json_each(given), postgresql=func.unnest(cast(given, given.type))
    )
    return items.as_table("keys")


def is_any_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Compare a column with the items of the list parameter `name`."""
    given = bindparam(name, type_=ListOf(column.type))
    items = func.json_each(given).table_valued("value")
    return PerDatabase(
        sqlite=column.in_(select(items.c.value)),
        postgresql=column == func.any(cast(given, given.type)),
    )


def is_any_row_of(
    columns: Sequence[ColumnElement[Any]], name: str
) -> ColumnElement[bool]:
    """Compare columns of text with the items of the list parameter `name`.

    Each item is JSON: a list with a text for each column.
    """
    rows = list_items(name, Text())
    texts = (json_item(rows.c.value, at, Text()) for at in range(len(columns)))
    return tuple_(*columns).in_(select(*texts).select_from(rows))


def json_item(
    listed: ColumnElement[Any], at: int, of: TypeEngine[Any]
) -> ColumnElement[Any]:
    """Write the item of a JSON list at an index from 0."""
    place = literal_column(f"'$[{at}]'", Text)
    text = cast(listed, JSON).op("->>")(literal_column(str(at)))
    return PerDatabase(
        sqlite=func.json_extract(listed, place, type_=of), postgresql=cast(text, of)
    )


def table_of_rows(name: str, columns: Sequence[str]) -> CTE:
    """Make a table of the rows in the parameter `name`; see `encode_rows`.

    It is materialized: computed once, not for each row that it is joined with.
    """
    given = bindparam(name, type_=Text)
    rows = RowsPerDatabase(
        sqlite=func.json_each(given),
        postgresql=func.json_array_elements(cast(given, JSON)),
    ).as_table(f"{name}_rows")
    items = (
        json_item(rows.c.value, at, BigInteger()).label(column)
        for at, column in enumerate(columns)
    )
    chosen = select(*items).select_from(rows)
    return chosen.cte(name).prefix_with("MATERIALIZED")


def encode_rows(rows: Iterable[Sequence[int]]) -> str:
    """Encode rows of integers as the single bind parameter of `table_of_rows`.

    So the SQL does not depend on the number of rows.
    """
    return orjson.dumps(list(map(tuple, rows))).decode()


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Hide a column's indexes from SQLite's planner by a unary `+`.

    Without statistics, SQLite takes the index with the most equalities, even where it
    must then sort all the rows it finds, and another index returns them in order.
    PostgreSQL chooses by its statistics.
    """
    hidden = UnaryExpression(column, operator=custom_op("+"), type_=column.type)
    return PerDatabase(sqlite=hidden, postgresql=column)


def contains(text: ColumnElement[Any], word: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether a text contains a word."""
    return PerDatabase(
        sqlite=func.instr(text, word, type_=Integer) > 0,
        postgresql=func.strpos(text, word, type_=Integer) > 0,
    )


def ascii_lower(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Convert ASCII letters to lower case, which is all that SQLite's `lower` does."""
    return PerDatabase(
        sqlite=func.lower(column), postgresql=func.lower(collate(column, "C"))
    )
