from collections.abc import Callable

import pytest

from gateway.auth.rate_storage import FixedWindows, open_redis
from gateway.errors import SettingsError


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_window_ends_as_long_after_its_first_count_as_it_is() -> None:
    clock = Clock()
    windows = FixedWindows(clock=clock)
    assert [await windows.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    clock.now += 59.9
    assert (await windows.incr("a", 60), await windows.get_expiry("a")) == (4, 1_060)
    clock.now += 0.1
    assert (await windows.get("a"), await windows.incr("a", 60)) == (0, 1)


async def test_each_key_has_its_own_window() -> None:
    windows = FixedWindows()
    await windows.incr("a", 60, amount=5)
    assert (await windows.get("a"), await windows.get("b")) == (5, 0)


async def test_windows_that_ended_are_dropped() -> None:
    clock = Clock()
    windows = FixedWindows(clock=clock)
    for number in range(10):
        await windows.incr(str(number), 60)
    clock.now += 60
    await windows.incr("new", 60)
    assert list(windows.windows) == ["new"]


async def test_the_oldest_window_is_dropped_where_there_are_too_many() -> None:
    windows = FixedWindows(max_windows=3)
    for number in range(5):
        await windows.incr(str(number), 60)
    assert list(windows.windows) == ["2", "3", "4"]


async def test_a_storage_can_be_cleared() -> None:
    windows = FixedWindows()
    for key in "abc":
        await windows.incr(key, 60)
    await windows.clear("a")
    assert (await windows.get("a"), await windows.get("b")) == (0, 1)
    assert (await windows.reset(), await windows.check()) == (2, True)


@pytest.mark.parametrize("make", [lambda: open_redis("redis://:hunter2@host:port/0")])
def test_an_address_that_is_none_is_refused_without_its_password(
    make: Callable[[], object],
) -> None:
    with pytest.raises(SettingsError, match="GATEWAY_RATE_LIMIT_STORAGE") as refused:
        make()
    assert "hunter2" not in refused.value.message
