"""A group of usage to the filter of the jobs behind its figures."""

from gateway.query.plan.filters import Filter, Operator, Predicate, any_of, join
from gateway.query.plan.pages import RunWindow
from gateway.query.usage.buckets import to_ms
from gateway.query.usage.figures import Group
from gateway.query.usage.request import UsageRequest


def to_jobs_filter(request: UsageRequest, group: Group) -> Filter:
    """Restrict jobs to those behind a group's figures."""
    parts = [
        request.restriction,
        to_run_filter(group.start_ms, group.end_ms, to_ms(request.as_of)),
    ]
    for column, value in zip(request.dimensions, group.key, strict=True):
        if value is None:
            parts.append(is_null(column))
        else:
            parts.append(any_of(column, [value], f"group_{column}"))
    return join(parts)


def to_run_window(request: UsageRequest, group: Group) -> RunWindow:
    """Give the part of the window that a group is of, as what its jobs lie in."""
    return RunWindow(
        start_ms=group.start_ms, end_ms=group.end_ms, now_ms=to_ms(request.as_of)
    )


def is_null(column: str) -> Filter:
    """Restrict rows to those without a value."""
    predicate = Predicate(column=column, operator=Operator.IS_NULL)
    return Filter(predicates=(predicate,), values={})


def to_run_filter(start_ms: int, end_ms: int, now_ms: int) -> Filter:
    """Restrict jobs to those whose run touches a window.

    How long ago the window began does not matter to jobs that still run, so that the
    clock stays out of the values that a cursor is bound to.
    """
    predicate = Predicate(
        column="run_start_ms", operator=Operator.RUNS_IN, parameter="run"
    )
    values = {
        "run_start": start_ms,
        "run_end": end_ms,
        "run_now": min(now_ms, start_ms + 1),
    }
    return Filter(predicates=(predicate,), values=values)
