"""Arguments of a connection to the plan of a page.

The driver of a page is the predicate whose index returns its rows in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from gateway.errors import InputError
from gateway.query.document.selection import NO_VARIABLES, coerce_arguments
from gateway.query.plan.cursors import Position, decode_cursor, make_fingerprint
from gateway.query.plan.filters import Filter, Operator, Predicate, combine, plan_filter
from gateway.query.plan.plan import ConnectionPlan
from gateway.query.plan.shapes import KEYS, PageShape
from gateway.query.tenant import Tenant

# Columns whose index returns jobs in the default order, the most selective first.
DRIVERS = (
    "submitted_by",
    "user_id",
    "model_id",
    "category",
    "project_id",
    "status",
    "source",
)
# The bind parameter of the principal's project, as a list.
OWN_PROJECT = "own_project"
# A connection's arguments, as coerced by graphql-core.
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSizes:
    """The default and the maximum number of rows of a page."""

    default: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWindow:
    """A window of time that runs overlap, in ms since 1970.

    Attributes:
        now_ms: The assumed end of runs that have not ended.
    """

    start_ms: int
    end_ms: int
    now_ms: int

    def measure(self, start_ms: int, end_ms: int | None) -> int:
        """Measure how long a run lies inside, in ms."""
        ended_ms = max(self.now_ms, start_ms) if end_ms is None else end_ms
        return max(0, min(ended_ms, self.end_ms) - max(start_ms, self.start_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlan:
    """A page of a list, which is read backward for `last`.

    Attributes:
        size: The most rows it has; one more is read where `pageInfo` asks whether there
            is one.
        start: The keyset position it begins after, in the direction it is read in; None
            is the end of the list on that side.
        stop: The position it ends before, likewise.
        fingerprint: That of the list; see `gateway.query.plan.cursors`.
        filters: The predicates of the `filter` argument, the driver among them.
        window: The window that `lengthMs` of edges measures, where they are the jobs
            behind usage.
    """

    shape: PageShape
    values: Mapping[str, Any]
    size: int
    is_backward: bool
    start: Position | None
    stop: Position | None
    fingerprint: str
    filters: tuple[Predicate, ...]
    window: RunWindow | None = None


@lru_cache(maxsize=1_000)
def plan_constant_page(
    plan: ConnectionPlan, tenant: Tenant, sizes: PageSizes
) -> PagePlan:
    """Plan a page whose arguments are constant, cached by tenant; see `plan_page`."""
    return plan_page(plan, coerce_arguments(plan.field, NO_VARIABLES), tenant, sizes)


def plan_page(
    plan: ConnectionPlan,
    arguments: Arguments,
    tenant: Tenant,
    sizes: PageSizes,
    extra: Filter | None = None,
) -> PagePlan:
    """Plan the page that the arguments of a connection ask for.

    Args:
        plan: The connection.
        arguments: As coerced by graphql-core.
        tenant: Whose rows are read.
        sizes: What the settings allow.
        extra: A filter beside the `filter` argument.

    Raises:
        InputError: The page size is negative or too large, or given twice.
        CursorError: A cursor is malformed, or belongs to another list.
    """
    size, is_backward = choose_page_size(arguments, sizes)
    asked = plan_filter(arguments.get("filter"))
    restriction = combine([asked, extra]) if extra else asked
    shape, values = plan_whole_list(plan, arguments, tenant, restriction)
    given = arguments.get("after"), arguments.get("before")
    uses_cursors = plan.wants_cursors or given != (None, None)
    fingerprint = list_fingerprint(shape, values, tenant) if uses_cursors else ""
    after = decode_position(arguments, "after", fingerprint)
    before = decode_position(arguments, "before", fingerprint)
    start, stop = (before, after) if is_backward else (after, before)
    reads_one_more = plan.wants_previous if is_backward else plan.wants_next
    return PagePlan(
        shape=replace(
            shape,
            is_descending=shape.is_descending != is_backward,
            is_after=start is not None,
            is_before=stop is not None,
        ),
        values={
            **values,
            **tenant.values,
            **position_values("after", start),
            **position_values("before", stop),
            "limit": size + int(reads_one_more),
        },
        size=size,
        is_backward=is_backward,
        start=start,
        stop=stop,
        fingerprint=fingerprint,
        filters=asked.predicates,
    )


def choose_page_size(arguments: Arguments, sizes: PageSizes) -> tuple[int, bool]:
    """Choose the size of a page, and whether it is read from the list's end."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise InputError("first and last are both given; give one of them")
    name, size = ("first", first) if last is None else ("last", last)
    if size is None:
        size = min(sizes.default, sizes.maximum)
    if not 0 <= size <= sizes.maximum:
        raise InputError(f"{name} is {size}; give a number from 0 to {sizes.maximum}")
    return size, last is not None


def plan_whole_list(
    plan: ConnectionPlan, arguments: Arguments, tenant: Tenant, restriction: Filter
) -> tuple[PageShape, dict[str, Any]]:
    """Plan the whole list: its shape without positions, and its filter's values."""
    entity = plan.rows.entity
    predicates, values = restriction.predicates, dict(restriction.values)
    order, is_descending = entity.order, entity.is_descending
    if (order_by := arguments.get("orderBy")) is not None:
        order = order_by["field"].value
        is_descending = order_by["direction"].value == "DESC"
    in_project = tenant.project_id is not None
    if in_project:
        values[OWN_PROJECT] = [tenant.project_id]
    driver = choose_driver(plan, predicates, order, in_project=in_project)
    shape = PageShape(
        entity=entity,
        columns=plan.rows.columns,
        in_project=in_project,
        predicates=tuple(found for found in predicates if found is not driver),
        driver=driver,
        is_nested=plan.parent_key is not None,
        order=order,
        is_descending=is_descending,
        has_positions=plan.wants_cursors,
    )
    return shape, values


def choose_driver(
    plan: ConnectionPlan,
    predicates: tuple[Predicate, ...],
    order: str,
    *,
    in_project: bool,
) -> Predicate | None:
    """Choose the predicate whose index returns rows in order.

    Returns:
        None where the index of the ORDER BY column itself is to be read.
    """
    if plan.parent_key is not None:
        return Predicate(column=plan.parent_key, operator=Operator.ANY, parameter=KEYS)
    if plan.rows.entity.table != "jobs" or order != plan.rows.entity.order:
        return None
    found = {p.column: p for p in predicates if p.operator == Operator.ANY}
    for column in DRIVERS:
        if column in found:
            return found[column]
    if in_project:
        return Predicate(
            column="project_id", operator=Operator.ANY, parameter=OWN_PROJECT
        )
    return None


def list_fingerprint(
    shape: PageShape, values: Mapping[str, Any], tenant: Tenant
) -> str:
    """Make the fingerprint of a list: of its tenant, entity, order and filter."""
    return make_fingerprint(
        tenant.account,
        shape.entity.table,
        shape.order,
        shape.is_descending,
        sorted(values.items()),
    )


def decode_position(arguments: Arguments, name: str, expected: str) -> Position | None:
    """Decode one of the cursors, where it is given, and check its fingerprint."""
    cursor = arguments.get(name)
    return None if cursor is None else decode_cursor(cursor, expected, name)


def position_values(name: str, position: Position | None) -> Mapping[str, Any]:
    """Give the values of a position's bind parameters."""
    if position is None:
        return {}
    return {f"{name}_value": position[0], f"{name}_key": position[1]}
