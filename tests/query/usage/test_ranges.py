from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings as given_settings, strategies as st

from gateway.query.usage.ranges import BEFORE_CLASSES, Range, RangesPlan, plan_ranges
from gateway.store.usage.spans import HOUR_MS

LONGEST_HOURS = 24_576
INSTANTS = st.one_of(
    st.integers(-(10**14), 2 * 10**14),
    st.integers(-(10**5), 10**5).map(lambda hour: hour * HOUR_MS),
    st.integers(-200, 200).map(lambda span: span * LONGEST_HOURS * HOUR_MS),
)
EDGES = st.one_of(
    st.lists(INSTANTS, min_size=2, max_size=12, unique=True).map(sorted),
    st.tuples(
        INSTANTS,
        st.sampled_from([60_000, 1_800_000, HOUR_MS, 23 * HOUR_MS, 30 * 24 * HOUR_MS]),
        st.integers(1, 60),
    ).map(lambda made: [made[0] + at * made[1] for at in range(made[2] + 1)]),
)


def span_of(found: Range) -> tuple[int, int]:
    unit_ms = found.span_hours * HOUR_MS or 1
    return found.first * unit_ms, found.after * unit_ms


def coverage(
    ranges: RangesPlan, edges: list[int]
) -> dict[int, list[tuple[int, int, int]]]:
    """How often each stretch of time counts, by bucket: only where it does."""
    borders: dict[int, Counter[int]] = {
        bucket: Counter() for bucket in range(len(edges))
    }
    for found in (*ranges.spans, *ranges.partial_hours):
        start, end = span_of(found)
        effect = ranges.effects[found.class_id]
        for bucket, sign in (
            (effect.bucket, effect.sign),
            (effect.other, -effect.sign),
        ):
            if bucket is not None:
                borders[bucket][start] += sign
                borders[bucket][end] -= sign
    return {bucket: stretches(changes) for bucket, changes in borders.items()}


def stretches(changes: Counter[int]) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    count, since = 0, 0
    for at in sorted(at for at, change in changes.items() if change):
        if count:
            found.append((since, at, count))
        count, since = count + changes[at], at
    return found


@given(EDGES)
@given_settings(max_examples=500, deadline=None)
def test_each_bucket_is_covered_exactly_once_and_nothing_else_is(
    edges: list[int],
) -> None:
    found = coverage(plan_ranges(edges), edges)
    (before,) = found.pop(0)
    assert before[1:] == (edges[0], 1)
    assert before[0] < -(10**18)
    assert found == {
        at + 1: [(start, end, 1)] for at, (start, end) in enumerate(pairwise(edges))
    }


@given(EDGES)
@given_settings(max_examples=200, deadline=None)
def test_partial_hours_are_at_most_half_an_hour_for_each_edge(edges: list[int]) -> None:
    partial_hours = plan_ranges(edges).partial_hours
    assert len(partial_hours) <= len(edges)
    assert all(found.after - found.first <= HOUR_MS // 2 for found in partial_hours)


@given(EDGES)
@given_settings(max_examples=200, deadline=None)
def test_the_first_classes_and_only_they_matter_before_the_window_alone(
    edges: list[int],
) -> None:
    effects = plan_ranges(edges).effects
    alone = [at for at, e in enumerate(effects) if e.bucket == 0 and e.other is None]
    assert alone == list(range(BEFORE_CLASSES))


@pytest.mark.parametrize(
    ("start_hour", "hours", "count", "most"),
    [
        (430_000, 24 * 365, 1, 30),
        (430_007, 24, 365, 365 * 12),
        (430_000, 1, 8_760, 9_000),
    ],
    ids=["a year", "days of a zone", "hours"],
)
def test_few_spans_are_read(start_hour: int, hours: int, count: int, most: int) -> None:
    edges = [(start_hour + hours * at) * HOUR_MS for at in range(count + 1)]
    spans = plan_ranges(edges).spans
    bounded = [found for found in spans if found.first > -(10**6)]
    assert len(spans) == len(bounded) + 1
    assert sum(found.after - found.first for found in bounded) <= most
