from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.usage.window import to_window
from tests.factories import NOON

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("start", "end", "edges"),
    [
        (None, None, ("2025-12-31T23:00", "2026-01-15T12:00")),
        (None, "2026-03-01", ("2026-01-31T23:00", "2026-02-28T23:00")),
        (None, "2026-03-01T00:01", ("2026-02-28T23:00", "2026-02-28T23:01")),
        ("2026-01-15", None, ("2026-01-14T23:00", "2026-01-15T12:00")),
        ("2025-07-01", "2025-08-01", ("2025-06-30T22:00", "2025-07-31T22:00")),
        (
            "2025-07-01t00:00:00z",
            "2025-07-01 06:00+05:30",
            ("2025-07-01T00:00", "2025-07-01T00:30"),
        ),
    ],
)
def test_a_window_is_what_its_words_mean_on_the_zones_clock(
    start: str | None, end: str | None, edges: tuple[str, str]
) -> None:
    window = to_window(start, end, PARIS, NOON.replace(microsecond=7))
    found = (window.start, window.end)
    assert found == tuple(datetime.fromisoformat(f"{edge}Z") for edge in edges)
