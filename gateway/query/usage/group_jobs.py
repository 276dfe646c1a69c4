"""A usage group to the filter and the window of the jobs behind its figures."""

from gateway.query.plan.filters import Filter, Operator, Predicate, any_of, combine
from gateway.query.plan.pages import RunWindow
from gateway.query.usage.buckets import to_epoch_ms
from gateway.query.usage.figures import Group
from gateway.query.usage.request import UsageRequest


def filter_group_jobs(request: UsageRequest, group: Group) -> Filter:
    """Restrict jobs to those behind a group's figures."""
    values = {
        "run_start": group.start_ms,
        "run_end": group.end_ms,
        # Whether it is after the start is all that matters: cursors depend on the
        # values, and must not depend on the clock.
        "run_now": min(to_epoch_ms(request.as_of), group.start_ms + 1),
    }
    runs = Predicate(column="run_start_ms", operator=Operator.RUNS_IN, parameter="run")
    parts = [request.restriction, Filter(predicates=(runs,), values=values)]
    for column, value in zip(request.dimensions, group.key, strict=True):
        is_null = Predicate(column=column, operator=Operator.IS_NULL)
        parts.append(
            Filter(predicates=(is_null,), values={})
            if value is None
            else any_of(column, [value], f"group_{column}")
        )
    return combine(parts)


def run_window_of(request: UsageRequest, group: Group) -> RunWindow:
    """Make the window of a group's bucket."""
    return RunWindow(
        start_ms=group.start_ms, end_ms=group.end_ms, now_ms=to_epoch_ms(request.as_of)
    )
