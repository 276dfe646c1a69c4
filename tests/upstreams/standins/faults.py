"""What goes wrong with requests: as a seed says, each thing now and then."""

from dataclasses import dataclass, field
from enum import Enum
from random import Random

from tests.upstreams.standins.lies import Lie

# Asked for again and again, a page comes at last.
MOST_FAULTS_IN_A_ROW = 4
# Nothing is answered for a while, once so many requests have been.
OUTAGE_AFTER, OUTAGE = 60, 4


class Fault(Enum):
    """What may go wrong with an answer."""

    SLOW = "the body comes in pieces, with pauses"
    BUSY = "429, to be asked again at once"
    BUSY_FOR_SECONDS = "429, to be asked again after a second"
    BUSY_UNTIL = "429, to be asked again at a date"
    BUSY_ONLY = "429, with nothing else"
    BROKEN = "500, as a page for people"
    BAD_GATEWAY = "502, without a body"
    UNAVAILABLE = "503, in the system's own form"
    FAILED = "200, and the body is a page for people"
    CUT = "200, and the JSON ends early"
    UNANSWERED = "the connection ends before the answer"
    RESET = "the connection is reset before the answer"
    BROKEN_OFF = "the connection ends in the middle of the body"
    UNENDED = "the connection ends in the middle of a chunked body"


# The dear ones, which have to be waited for, are rare.
WEIGHTS = {
    Fault.SLOW: 6,
    Fault.BUSY: 6,
    Fault.BUSY_FOR_SECONDS: 1,
    Fault.BUSY_UNTIL: 1,
    Fault.BUSY_ONLY: 4,
    Fault.BROKEN: 5,
    Fault.BAD_GATEWAY: 5,
    Fault.UNAVAILABLE: 5,
    Fault.FAILED: 3,
    Fault.CUT: 5,
    Fault.UNANSWERED: 5,
    Fault.RESET: 5,
    Fault.BROKEN_OFF: 6,
    Fault.UNENDED: 5,
}


@dataclass(slots=True, kw_only=True)
class Chance:
    """Tells for each request what goes wrong with it.

    Attributes:
        faults_per_mille: Of how many requests something goes wrong with.
        lies_per_mille: How many pages are not what they should be.
        asked: How often each thing was asked for.
    """

    seed: int
    faults_per_mille: int
    lies_per_mille: int
    count: int = 0
    asked: dict[str, int] = field(default_factory=dict)

    def draw(self, target: str) -> tuple[Fault | None, Lie | None]:
        """Tell what goes wrong with a request for a path and query."""
        self.count += 1
        times = self.asked[target] = self.asked.get(target, 0) + 1
        if self.faults_per_mille and 0 <= self.count - OUTAGE_AFTER < OUTAGE:
            return Fault.UNAVAILABLE, None
        random = Random(f"{self.seed} {target} {times}")  # noqa: S311 -- no secret
        lie = random.choice(list(Lie))
        has_lie = random.randrange(1000) < self.lies_per_mille
        [fault] = random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        has_fault = random.randrange(1000) < self.faults_per_mille
        has_fault = has_fault and times % (MOST_FAULTS_IN_A_ROW + 1) != 0
        return fault if has_fault else None, lie if has_lie else None
