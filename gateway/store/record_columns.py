"""Fields of records to columns: their types, and their values there and back.

A field has a column of its name where its type is in `FIELD_COLUMNS`. Other fields have
tables or several columns of their own, which `tables`, `rows` and `references` name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, Text
from sqlalchemy.types import TypeEngine

from gateway.records import (
    Count,
    Int32,
    JobSource,
    JobStatus,
    Name,
    declared_fields,
)
from gateway.store.columns import Instant, Key, from_micros, to_micros

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldColumn:
    """How values of a type are stored: as they are, where there is no conversion.

    Attributes:
        largest: The largest absolute value of integers.
    """

    type: TypeEngine[Any]
    to_column: Convert | None = None
    from_column: Convert | None = None
    largest: int | None = None


FIELD_COLUMNS: Mapping[Any, FieldColumn] = {
    str: FieldColumn(type=Text()),
    Name: FieldColumn(type=Key),
    int: FieldColumn(type=BigInteger(), largest=2**63 - 1),
    Count: FieldColumn(type=Integer(), largest=2**31 - 1),
    Int32: FieldColumn(type=Integer(), largest=2**31 - 1),
    # SQLite has numbers for them.
    bool: FieldColumn(type=Boolean(), from_column=bool),
    datetime: FieldColumn(type=Instant(), to_column=to_micros, from_column=from_micros),
    # `str` takes a third of the time of `value`.
    JobStatus: FieldColumn(type=Key, to_column=str, from_column=JobStatus),
    JobSource: FieldColumn(type=Key, to_column=str, from_column=JobSource),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordColumns:
    """The fields of a record that have a column each.

    Attributes:
        columns: By the names of the fields, in order.
        get: Gives the fields of a record.
        conversions: Of the values that are stored in another form, by position.
    """

    columns: Mapping[str, FieldColumn]
    get: Callable[[object], tuple[Any, ...]]
    conversions: tuple[tuple[int, Convert], ...]

    def to_values(self, record: object) -> list[Any]:
        """Convert the fields of a record to values of columns."""
        values = list(self.get(record))
        for at, convert in self.conversions:
            if values[at] is not None:
                values[at] = convert(values[at])
        return values

    def from_values(self, values: Sequence[Any]) -> dict[str, Any]:
        """Convert values of columns to fields by their names."""
        return {
            name: value
            if value is None or column.from_column is None
            else column.from_column(value)
            for (name, column), value in zip(self.columns.items(), values, strict=True)
        }


def columns_of(record_type: type[Any]) -> RecordColumns:
    """Find the fields of a record that have a column each."""
    columns = {
        field.name: FIELD_COLUMNS[field.type]
        for field in declared_fields(record_type)
        if field.type in FIELD_COLUMNS
    }
    return RecordColumns(
        columns=columns,
        get=attrgetter(*columns),
        conversions=tuple(
            (at, column.to_column)
            for at, column in enumerate(columns.values())
            if column.to_column is not None
        ),
    )


def make_columns(
    record_type: type[Any], others: Mapping[Any, TypeEngine[Any]] = MappingProxyType({})
) -> list[Column[Any]]:
    """Make the columns of a record's fields.

    Args:
        record_type: The class of the record.
        others: Column types, by types of fields, other than in `FIELD_COLUMNS`.
    """
    return [
        Column(
            field.name,
            others.get(field.type, FIELD_COLUMNS[field.type].type),
            nullable=field.is_optional,
        )
        for field in declared_fields(record_type)
        if field.type in FIELD_COLUMNS
    ]
