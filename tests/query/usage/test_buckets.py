from datetime import UTC, datetime
from itertools import pairwise

import pytest

from gateway.errors import InputError
from gateway.query.usage.buckets import (
    Bucket,
    TimeWindow,
    bucket_edges,
    choose_slot_ms,
    from_epoch_ms,
    make_slots,
    to_epoch_ms,
)

HOUR_MS = 3_600_000


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def edges(start: str, end: str, bucket: Bucket | None, zone: str = "UTC") -> list[str]:
    found = bucket_edges(TimeWindow(start=at(start), end=at(end)), bucket, zone)
    return [f"{from_epoch_ms(edge):%Y-%m-%dT%H:%M}" for edge in found]


@pytest.mark.parametrize(
    ("bucket", "zone", "expected"),
    [
        (None, "UTC", ["2026-01-30T22:20", "2026-02-02T01:00"]),
        (
            "DAY",
            "UTC",
            [
                "2026-01-30T22:20",
                "2026-01-31T00:00",
                "2026-02-01T00:00",
                "2026-02-02T00:00",
                "2026-02-02T01:00",
            ],
        ),
        (
            "DAY",
            "Asia/Kathmandu",
            [
                "2026-01-30T22:20",
                "2026-01-31T18:15",
                "2026-02-01T18:15",
                "2026-02-02T01:00",
            ],
        ),
        ("WEEK", "UTC", ["2026-01-30T22:20", "2026-02-02T00:00", "2026-02-02T01:00"]),
        ("MONTH", "UTC", ["2026-01-30T22:20", "2026-02-01T00:00", "2026-02-02T01:00"]),
        (
            "MONTH",
            "America/Los_Angeles",
            ["2026-01-30T22:20", "2026-02-01T08:00", "2026-02-02T01:00"],
        ),
    ],
)
def test_a_window_is_split_where_the_zone_turns_a_page(
    bucket: Bucket | None, zone: str, expected: list[str]
) -> None:
    assert edges("2026-01-30T22:20", "2026-02-02T01:00", bucket, zone) == expected


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("Europe/Paris", "2026-03-28T23:00", "2026-03-29T22:00", [23]),
        ("Europe/Paris", "2026-10-24T22:00", "2026-10-25T23:00", [25]),
        ("Australia/Lord_Howe", "2026-04-04T13:00", "2026-04-05T13:30", [24.5]),
        ("Australia/Lord_Howe", "2026-10-03T13:30", "2026-10-04T13:00", [23.5]),
        # Midnight does not come: the day begins at one o'clock.
        ("America/Sao_Paulo", "2018-11-03T03:00", "2018-11-05T02:00", [24, 23]),
        ("Africa/Cairo", "2026-04-22T22:00", "2026-04-24T21:00", [24, 23]),
        # Midnight comes twice: the day begins with the first.
        ("America/Havana", "2026-10-31T04:00", "2026-11-02T05:00", [24, 25]),
        # A whole day does not come.
        ("Pacific/Apia", "2011-12-29T10:00", "2011-12-31T10:00", [24, 24]),
    ],
)
def test_days_are_as_long_as_the_clock_makes_them(
    zone: str, start: str, end: str, hours: list[float]
) -> None:
    found = bucket_edges(TimeWindow(start=at(start), end=at(end)), "DAY", zone)
    assert [(b - a) / HOUR_MS for a, b in pairwise(found)] == hours


@pytest.mark.parametrize(
    ("zone", "start", "end", "minutes"),
    [
        ("UTC", "2026-01-01T00:10", "2026-01-01T02:00", [50, 60]),
        ("Asia/Kathmandu", "2026-01-01T00:00", "2026-01-01T02:00", [15, 60, 45]),
        ("Asia/Kolkata", "2026-01-01T00:00", "2026-01-01T01:00", [30, 30]),
        # The clock is put back, and an hour comes twice.
        ("Europe/Paris", "2026-10-25T00:00", "2026-10-25T02:00", [60, 60]),
        # It is put back by half an hour, and the half hour is a bucket of its own.
        ("Australia/Lord_Howe", "2026-04-04T14:00", "2026-04-04T16:30", [60, 30, 60]),
    ],
)
def test_hours_are_those_of_the_zone_s_clock(
    zone: str, start: str, end: str, minutes: list[float]
) -> None:
    found = bucket_edges(TimeWindow(start=at(start), end=at(end)), "HOUR", zone)
    assert [(b - a) / 60_000 for a, b in pairwise(found)] == minutes


def test_weeks_begin_on_monday() -> None:
    found = edges("2026-12-20T00:00", "2027-01-12T00:00", "WEEK")
    assert found[1:-1] == [
        "2026-12-21T00:00",
        "2026-12-28T00:00",
        "2027-01-04T00:00",
        "2027-01-11T00:00",
    ]


def test_months_have_their_own_lengths() -> None:
    found = edges("2027-12-31T00:00", "2028-04-01T00:00", "MONTH")
    assert found == [
        "2027-12-31T00:00",
        "2028-01-01T00:00",
        "2028-02-01T00:00",
        "2028-03-01T00:00",
        "2028-04-01T00:00",
    ]


def test_an_edge_that_is_the_window_s_own_makes_no_empty_bucket() -> None:
    assert edges("2026-01-01T00:00", "2026-01-03T00:00", "DAY") == [
        "2026-01-01T00:00",
        "2026-01-02T00:00",
        "2026-01-03T00:00",
    ]


def test_a_window_of_no_length_is_one_bucket() -> None:
    assert len(edges("2026-01-01T00:00", "2026-01-01T00:00", "HOUR")) == 2


def test_instants_are_cut_to_milliseconds() -> None:
    assert to_epoch_ms(datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC)) == 1
    assert to_epoch_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_the_end_of_the_calendar_is_no_edge() -> None:
    assert edges("9999-12-30T00:00", "9999-12-31T23:00", "MONTH", "Asia/Tokyo") == [
        "9999-12-30T00:00",
        "9999-12-31T23:00",
    ]


@pytest.mark.parametrize(
    ("bucket", "end", "message"),
    [
        (
            "HOUR",
            "2028-01-01T00:00",
            "up to 17520 .* at most 10000 .* take longer buckets, DAY .* most 416 days",
        ),
        (
            "DAY",
            "2066-01-01T00:00",
            "up to 14610 .* take longer buckets, WEEK .* 10000 days",
        ),
        ("MONTH", "9000-01-01T00:00", "allowed: take a window of at most 280000 days"),
    ],
)
def test_too_many_buckets_are_refused_with_the_figure_and_what_would_be_right(
    bucket: Bucket, end: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        edges("2026-01-01T00:00", end, bucket)


@pytest.mark.parametrize("bucket", ["HOUR", "DAY", "WEEK", "MONTH"])
@pytest.mark.parametrize("zone", ["UTC", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_every_inner_edge_lies_between_two_slots(bucket: Bucket, zone: str) -> None:
    window = TimeWindow(start=at("2018-03-01T00:07"), end=at("2018-12-01T00:03"))
    found = bucket_edges(window, bucket, zone)
    slot_ms = choose_slot_ms(found)
    assert all((edge - found[1]) % slot_ms == 0 for edge in found[1:-1])


@pytest.mark.parametrize("bucket", [None, "HOUR", "DAY", "WEEK", "MONTH"])
@pytest.mark.parametrize("zone", ["UTC", "Australia/Lord_Howe", "America/Sao_Paulo"])
@pytest.mark.parametrize("end", ["2018-03-01T00:09", "2018-03-20T01:00", "2018-12-01"])
def test_slots_have_the_bucket_of_each_instant(
    bucket: Bucket | None, zone: str, end: str
) -> None:
    found = bucket_edges(
        TimeWindow(start=at("2018-03-01T00:07"), end=at(end)), bucket, zone
    )
    step_ms, slots = make_slots(found)
    assert len(slots) <= 2 * len(found)
    for instant in range(found[0], found[-1], max(1, (found[-1] - found[0]) // 999)):
        number = 1
        if instant >= found[1]:
            slot, edge, first = slots[(instant - found[1]) // step_ms]
            assert slot == (instant - found[1]) // step_ms
            number = first if instant < edge else first + 1
        assert found[number - 1] <= instant < found[number]
