"""Selects to SQL text and bind parameters for the driver: compiled once, run often.

A small statement takes about eight times as long through a SQLAlchemy connection as on
the driver itself, so the request path compiles once and reads raw rows.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Select

from gateway.store.packed import is_packable, pack_rows

AnySelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A compiled select.

    Attributes:
        names: The bind parameter at each position; a name may be repeated.
        constants: The values bound in the select itself, in the driver's types.
        converters: Convert values to the driver's types, by name, where they differ.
        is_packed: Whether all rows come as one; see `gateway.store.packed`.
    """

    sql: str
    names: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    converters: Mapping[str, Converter] = field(default_factory=dict)
    is_packed: bool = False


@lru_cache(maxsize=5_000)
def prepare_select(
    write: Callable[..., AnySelect],
    dialect: Dialect,
    *parts: Hashable,
    **named: Hashable,
) -> Statement:
    """Make a select and compile it, once for a dialect and arguments.

    Args:
        write: Makes the select.
        dialect: The database's.
        parts: The positional arguments of `write`.
        named: Its keyword arguments.
    """
    return compile_select(write(*parts, **named), dialect)


def compile_select(select: AnySelect, dialect: Dialect) -> Statement:
    """Compile a select for a database.

    No bind parameter may be an expanding list, since SQLAlchemy writes those into the
    SQL at every run: the caller binds an array, or one parameter for each value.

    Raises:
        ValueError: A bind parameter is a list.
    """
    compiled = select.compile(dialect=dialect)
    if lists := sorted(bind.key for bind in compiled.post_compile_params):
        raise ValueError(f"bind parameters {lists} are lists; bind an array instead")
    names = tuple(compiled.positiontup or ())
    binds = {name: compiled.binds[name] for name in names}
    converters = {
        name: convert
        for name, bind in binds.items()
        if (convert := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    constants = {
        name: compiled.params[name] for name, bind in binds.items() if not bind.required
    }
    for name in constants.keys() & converters.keys():
        constants[name] = converters[name](constants[name])
    is_packed = dialect.name == "sqlite" and is_packable(select)
    columns = len(select.selected_columns)
    return Statement(
        sql=pack_rows(compiled.string, columns) if is_packed else compiled.string,
        names=names,
        constants=constants,
        converters=converters,
        is_packed=is_packed,
    )


def bind_values(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    """Order values by the statement's positions, in the driver's types.

    Args:
        statement: The statement to run.
        values: By name, for each bind parameter that the select does not bind itself.
    """
    bound = {**statement.constants, **values}
    for name, convert in statement.converters.items():
        if name in values:
            bound[name] = convert(values[name])
    return [bound[name] for name in statement.names]
