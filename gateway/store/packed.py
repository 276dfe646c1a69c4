"""Rows of SQLite in one row of JSON, so that its thread works through without a break.

Python's driver lets go of the interpreter's lock for each row that SQLite steps to, and
the event loop takes it: fifty rows of a page cost fifty changes of threads, which is
more than all the rest. One row costs one, and the other work goes on meanwhile.
"""

from typing import Any

from sqlalchemy import CompoundSelect, Float, LargeBinary, Numeric, Select

# SQLite gives a function no more arguments than 127, unless it is built otherwise.
MAX_COLUMNS = 100
# JSON has no bytes, and SQLite writes fractions into it with fewer digits.
UNPACKABLE = (LargeBinary, Float, Numeric)


def is_packable(select: Select[*tuple[Any, ...]] | CompoundSelect[Any]) -> bool:
    """Tell whether JSON holds what is selected: text, integers and null."""
    types = [column.type for column in select.selected_columns]
    has_others = any(isinstance(each, UNPACKABLE) for each in types)
    return not has_others and len(types) <= MAX_COLUMNS


def pack(sql: str, columns: int) -> str:
    """Have a SELECT give its rows, in their order, as one JSON array of arrays.

    SQLite promises no order of an aggregate, but leaves out the ORDER BY of what it
    selects from only where the aggregates are its own count, min and max; see its forum
    at https://sqlite.org/forum/forumpost/878ca7a9be0862af.
    """
    names = ", ".join(f"c{at}" for at in range(columns))
    rows = f"WITH packed ({names}) AS ({sql})"
    return f"{rows} SELECT json_group_array(json_array({names})) FROM packed"  # noqa: S608 -- SQLAlchemy wrote it
