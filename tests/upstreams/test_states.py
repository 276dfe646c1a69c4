from typing import Any

import pytest

from gateway.store.upstreams import UpstreamRecord
from gateway.upstreams.states import to_lag_ms, to_upstream_state
from tests.upstreams.making import at

HELD = {"lease_until": at(30)}
LOST = {"lease_until": at(-1)}
GOOD = {"last_success_at": at(-5)}
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "nobody has begun": ({}, "NEVER"),
    "the first round": ({**HELD, "round_at": at(-1)}, "SYNCING"),
    "a process died in the first round": ({**LOST, "round_at": at(-1)}, "NEVER"),
    "between rounds": ({**HELD, **GOOD}, "IDLE"),
    "the next round": ({**HELD, **GOOD, "round_at": at(-1)}, "SYNCING"),
    "the last round failed": ({**HELD, **GOOD, "is_failing": True}, "FAILING"),
    "tried again": (
        {**HELD, **GOOD, "is_failing": True, "round_at": at(-1)},
        "FAILING",
    ),
    "nobody goes on": (GOOD, "STOPPED"),
    "a process died": ({**LOST, **GOOD, "round_at": at(-1)}, "STOPPED"),
}


def to_record(facts: dict[str, Any]) -> UpstreamRecord:
    return UpstreamRecord(
        account="acme", name="m", kind="modzy", source="MODZY", **facts
    )


@pytest.mark.parametrize(("facts", "state"), STATES.values(), ids=STATES)
def test_a_state_is_told_honestly(facts: dict[str, Any], state: str) -> None:
    assert to_upstream_state(to_record(facts), at(0)).value == state


def test_the_lag_is_the_time_since_a_good_round() -> None:
    assert to_lag_ms(to_record(GOOD), at(0)) == 5_000
    assert to_lag_ms(to_record({}), at(0)) is None
