"""Column values to response values, by the rules of the field's GraphQL type.

A value a type cannot hold raises `ValueError`; it becomes an error at the field's path.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.records import JobSource, JobStatus
from gateway.store.columns import EXACT_MICROS, from_micros, from_nanos

Convert = Callable[..., Any]

MAX_SAFE_INTEGER = 2**53 - 1
INT_LIMIT = 2**31
SOURCES = frozenset(JobSource)
STATUSES = frozenset(JobStatus)

to_instant = from_micros
to_boolean = bool


def to_int(value: int) -> int:
    """Check that GraphQL's `Int`, of 32 bits, can hold a number."""
    if -INT_LIMIT <= value < INT_LIMIT:
        return value
    raise ValueError(f"Int cannot represent non 32-bit signed integer value: {value}")


def to_big_int(value: int) -> int | str:
    """Give a number within ±(2^53 - 1), which JSON readers keep exact, or text."""
    return value if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER else str(value)


def to_decimal(nanos: int) -> str:
    """Give an amount in billionths as plain decimal text."""
    return format(from_nanos(nanos), "f")


def to_job_status(value: str) -> str:
    """Check that a text is a status."""
    return to_enum_value(value, "JobStatus", STATUSES)


def to_job_source(value: str) -> str:
    """Check that a text is a source."""
    return to_enum_value(value, "JobSource", SOURCES)


def to_enum_value(value: str, name: str, members: frozenset[str]) -> str:
    """Check that a text is a value of an enum."""
    if value in members:
        return value
    raise ValueError(f"Enum '{name}' cannot represent value: {value!r}")


# Converters as expressions over a value `v`, inlined in generated source: a call costs
# more than the conversion. Where the condition does not hold, the converter is called.
FAST_FORMS: Mapping[Convert, str] = {
    to_int: f"{{v}} if -{INT_LIMIT} <= {{v}} < {INT_LIMIT}",
    to_big_int: f"{{v}} if -{MAX_SAFE_INTEGER} <= {{v}} <= {MAX_SAFE_INTEGER}",
    to_instant: "fromtimestamp({v} / 1_000_000, UTC)"
    f" if -{EXACT_MICROS} < {{v}} < {EXACT_MICROS}",
    to_job_status: "{v} if {v} in STATUSES",
    to_job_source: "{v} if {v} in SOURCES",
}
# The names those expressions refer to.
FAST_NAMES: Mapping[str, object] = {
    "UTC": UTC,
    "fromtimestamp": datetime.fromtimestamp,
    "SOURCES": SOURCES,
    "STATUSES": STATUSES,
}
