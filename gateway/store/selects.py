"""Selects to the text and bind parameters a driver takes: compiled once, run often.

Going through a SQLAlchemy connection costs some eight times what the driver itself
needs for a small statement, so the request path compiles once and reads raw rows.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler

from gateway.store.packed import is_packable, pack

AnySelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A select as its driver takes it.

    Attributes:
        names: The bind parameter at each position; one may stand at several.
        constants: What the select itself binds, already in the driver's types.
        converters: From the values of a column type to those of the driver, by name,
            where they differ.
        is_packed: Whether all rows come as one; see `gateway.store.packed`.
    """

    sql: str
    names: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    converters: Mapping[str, Converter] = field(default_factory=dict)
    is_packed: bool = False


@lru_cache(maxsize=5_000)
def prepare(
    write: Callable[..., AnySelect],
    dialect: Dialect,
    *parts: Hashable,
    **named: Hashable,
) -> Statement:
    """Write a select and compile it, once for a database's dialect and its parts.

    Args:
        write: Writes the select.
        dialect: The database's.
        parts: What `write` is called with.
        named: Likewise, by name.
    """
    return compile_select(write(*parts, **named), dialect)


def compile_select(select: AnySelect, dialect: Dialect) -> Statement:
    """Compile a select for a database.

    Bind parameters of one value only: SQLAlchemy expands a list anew at every run, so
    the caller binds an array, or one parameter for each value.

    Raises:
        ValueError: A bind parameter is a list.
    """
    compiled = compile_scalars(select, dialect)
    names = tuple(compiled.positiontup or ())
    binds = {name: compiled.binds[name] for name in names}
    processors = {name: bind_processor(bind, dialect) for name, bind in binds.items()}
    converters = {name: found for name, found in processors.items() if found}
    constants = {
        name: compiled.params[name] for name, bind in binds.items() if not bind.required
    }
    for name in constants.keys() & converters.keys():
        constants[name] = converters[name](constants[name])
    is_packed = dialect.name == "sqlite" and is_packable(select)
    columns = len(select.selected_columns)
    return Statement(
        sql=pack(compiled.string, columns) if is_packed else compiled.string,
        names=names,
        constants=constants,
        converters=converters,
        is_packed=is_packed,
    )


def compile_scalars(select: AnySelect, dialect: Dialect) -> SQLCompiler:
    """Compile a select, refusing what is only known when it runs."""
    compiled = select.compile(dialect=dialect)
    if lists := sorted(bind.key for bind in compiled.post_compile_params):
        raise ValueError(f"bind parameters {lists} are lists; bind an array instead")
    return compiled


def bind_processor(bind: BindParameter[Any], dialect: Dialect) -> Converter | None:
    """Give what converts values of the parameter's type for the driver, if it must."""
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


def values_of(statement: Statement, values: Mapping[str, Any]) -> list[Any]:
    """Put values in the statement's order, in the driver's types.

    Args:
        statement: What will run.
        values: A value by name for each bind parameter the select leaves open.
    """
    bound = {**statement.constants, **values}
    for name, convert in statement.converters.items():
        if name in values:
            bound[name] = convert(values[name])
    return [bound[name] for name in statement.names]
