"""All rows of a SQLite select packed in one row of JSON.

Python's driver releases the GIL for each row that SQLite steps to, and the event loop
takes it: a page of fifty rows costs fifty thread switches, more than all the rest. A
single row costs one.
"""

from typing import Any

from sqlalchemy import CompoundSelect, Float, LargeBinary, Numeric, Select

# SQLite's functions take at most 127 arguments, unless it is built otherwise.
MAX_COLUMNS = 100
# JSON has no bytes, and SQLite writes fractions with fewer digits into it.
UNPACKABLE = (LargeBinary, Float, Numeric)


def is_packable(select: Select[*tuple[Any, ...]] | CompoundSelect[Any]) -> bool:
    """Tell whether a select has only what JSON can hold: text, integers and null."""
    types = [column.type for column in select.selected_columns]
    has_others = any(isinstance(each, UNPACKABLE) for each in types)
    return not has_others and len(types) <= MAX_COLUMNS


def pack_rows(sql: str, columns: int) -> str:
    """Wrap a SELECT to return its rows, in order, as one JSON array of arrays.

    SQLite guarantees no order of an aggregate, but drops the ORDER BY of a subquery
    only for its own count, min and max; see
    https://sqlite.org/forum/forumpost/878ca7a9be0862af.
    """
    names = ", ".join(f"c{at}" for at in range(columns))
    rows = f"WITH packed ({names}) AS ({sql})"
    return f"{rows} SELECT json_group_array(json_array({names})) FROM packed"  # noqa: S608 -- SQLAlchemy wrote it
