"""Arguments of a connection to the page that is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from gateway.errors import InputError
from gateway.query.document.selection import NO_VARIABLES, read_arguments
from gateway.query.plan.cursors import Position, fingerprint, read_cursor
from gateway.query.plan.filters import Filter, Operator, Predicate, join, plan_filter
from gateway.query.plan.plan import ConnectionPlan
from gateway.query.plan.shapes import KEYS, PageShape
from gateway.query.tenant import Tenant

# Filters whose index brings jobs in the default order, the narrowest first.
DRIVERS = (
    "submitted_by",
    "user_id",
    "model_id",
    "category",
    "project_id",
    "status",
    "source",
)
OWN_PROJECT = "own_project"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSizes:
    """How many rows a page has unless the client says, and how many at the most."""

    default: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWindow:
    """A window of time that runs lie in with a part, in ms since 1970.

    Attributes:
        now_ms: When a run ends that has not ended.
    """

    start_ms: int
    end_ms: int
    now_ms: int

    def measure(self, start_ms: int, end_ms: int | None) -> int:
        """Give how long a run lies inside, in ms."""
        ended_ms = max(self.now_ms, start_ms) if end_ms is None else end_ms
        return max(0, min(ended_ms, self.end_ms) - max(start_ms, self.start_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list, which is read backward for `last`.

    Attributes:
        size: How many rows it has at the most; one more is read where it is asked
            whether there is one.
        start: Where it begins in the direction it is read in; None is the end of the
            list on that side.
        stop: Where it ends.
        mark: The list's fingerprint.
        filters: The predicates of the `filter` argument, among those of the shape.
        window: What the rows are the jobs of, where they are those behind usage.
    """

    shape: PageShape
    values: Mapping[str, Any]
    size: int
    is_backward: bool
    start: Position | None
    stop: Position | None
    mark: str
    filters: tuple[Predicate, ...]
    window: RunWindow | None = None


@lru_cache(maxsize=1_000)
def plan_constant_page(plan: ConnectionPlan, tenant: Tenant, sizes: PageSizes) -> Page:
    """Plan a page whose arguments are constant, once for a tenant; see `plan_page`."""
    return plan_page(plan, read_arguments(plan.field, NO_VARIABLES), tenant, sizes)


def plan_page(
    plan: ConnectionPlan,
    arguments: Mapping[str, Any],
    tenant: Tenant,
    sizes: PageSizes,
    extra: Filter | None = None,
) -> Page:
    """Read the arguments of a connection.

    Args:
        plan: The connection.
        arguments: As coerced by graphql-core.
        tenant: Whose rows are read.
        sizes: What the settings allow.
        extra: What restricts the rows beside the `filter` argument.

    Raises:
        InputError: The page size is negative or too large, or given twice.
        CursorError: A cursor is broken, or of another list.
    """
    size, is_backward = to_size(arguments, sizes)
    asked = plan_filter(arguments.get("filter"))
    restriction = join([asked, extra]) if extra else asked
    shape, values = to_shape(plan, arguments, tenant, restriction)
    mark = to_mark(shape, values, tenant) if wants_mark(plan, arguments) else ""
    after = to_position(arguments, "after", mark)
    before = to_position(arguments, "before", mark)
    start, stop = (before, after) if is_backward else (after, before)
    looks_on = plan.wants_previous if is_backward else plan.wants_next
    return Page(
        shape=replace(
            shape,
            is_descending=shape.is_descending != is_backward,
            is_after=start is not None,
            is_before=stop is not None,
        ),
        values={
            **values,
            **tenant.values,
            **to_bounds("after", start),
            **to_bounds("before", stop),
            "limit": size + int(looks_on),
        },
        size=size,
        is_backward=is_backward,
        start=start,
        stop=stop,
        mark=mark,
        filters=asked.predicates,
    )


def to_size(arguments: Mapping[str, Any], sizes: PageSizes) -> tuple[int, bool]:
    """Read how many rows are wanted, and whether from the list's end."""
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise InputError("first and last are both given; give one of them")
    name, size = ("first", first) if last is None else ("last", last)
    if size is None:
        size = min(sizes.default, sizes.maximum)
    if not 0 <= size <= sizes.maximum:
        raise InputError(f"{name} is {size}; give a number from 0 to {sizes.maximum}")
    return size, last is not None


def to_shape(
    plan: ConnectionPlan,
    arguments: Mapping[str, Any],
    tenant: Tenant,
    restriction: Filter,
) -> tuple[PageShape, dict[str, Any]]:
    """Plan the list that the page is of, apart from where the page lies in it."""
    entity = plan.rows.entity
    predicates, values = restriction.predicates, dict(restriction.values)
    order, is_descending = entity.order, entity.is_descending
    if (order_by := arguments.get("orderBy")) is not None:
        order = order_by["field"].value
        is_descending = order_by["direction"].value == "DESC"
    in_project = tenant.project_id is not None
    if in_project:
        values[OWN_PROJECT] = [tenant.project_id]
    driver = to_driver(plan, predicates, order, in_project=in_project)
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


def to_driver(
    plan: ConnectionPlan,
    predicates: tuple[Predicate, ...],
    order: str,
    *,
    in_project: bool,
) -> Predicate | None:
    """Choose the predicate whose index brings rows in order; None is the order's."""
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


def wants_mark(plan: ConnectionPlan, arguments: Mapping[str, Any]) -> bool:
    """Tell whether the page takes or gives cursors."""
    given = arguments.get("after"), arguments.get("before")
    return plan.wants_cursors or given != (None, None)


def to_mark(shape: PageShape, values: Mapping[str, Any], tenant: Tenant) -> str:
    """Tell the list from every other of the gateway."""
    return fingerprint(
        tenant.account,
        shape.entity.table,
        shape.order,
        shape.is_descending,
        sorted(values.items()),
    )


def to_position(arguments: Mapping[str, Any], name: str, mark: str) -> Position | None:
    """Read one of the cursors."""
    cursor = arguments.get(name)
    return None if cursor is None else read_cursor(cursor, mark, name)


def to_bounds(name: str, position: Position | None) -> Mapping[str, Any]:
    """Give the values of a position's parameters."""
    if position is None:
        return {}
    return {f"{name}_value": position[0], f"{name}_key": position[1]}
