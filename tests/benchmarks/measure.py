"""Contestants to rates: the same work in turn, round after round.

What disturbs the machine disturbs a whole round, so ratios are taken within rounds;
many short rounds are better than a few long ones. Who comes after a long turn of
another finds its caches cold, so each round has an order of its own.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median

import orjson

from tests.benchmarks.client import Client
from tests.benchmarks.works import Work

WARM_UP_S = 0.5
TURN_S = 1.0
# Answers that take longer than this are asked for one by one, and less often.
SLOW_S = 0.25
SLOW_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is measured.

    Attributes:
        requests: How many a turn has at the most.
    """

    rounds: int
    requests: int
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A contestant at a work."""

    name: str
    client: Client
    requests: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests per second of each contestant, by round."""

    by_name: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """Give a contestant's rate."""
        return median(self.by_name[name])

    def ratio(self, name: str, other: str) -> float:
        """Give how many times another's rate a contestant reaches."""
        rounds = zip(self.by_name[name], self.by_name[other], strict=True)
        return median(mine / others for mine, others in rounds)


@dataclass(frozen=True, slots=True)
class Turn:
    """What an entrant does in each round."""

    entrant: Entrant
    count: int
    concurrency: int

    async def take(self) -> float:
        """Do it, and give the requests per second."""
        entrant = self.entrant
        elapsed_s = await entrant.client.measure(
            entrant.requests, self.count, self.concurrency
        )
        return self.count / elapsed_s


async def check_answers(work: Work, entrants: Sequence[Entrant]) -> None:
    """Check that all answer the first request with the same data.

    Raises:
        ValueError: One does not; there is nothing to compare then.
    """
    answers = [
        orjson.loads(await entrant.client.ask(entrant.requests[0]))["data"]
        for entrant in entrants
    ]
    for entrant, answer in zip(entrants, answers, strict=True):
        if answer != answers[0]:
            raise ValueError(f"{entrant.name} answers {work.name} differently")


async def measure(entrants: Sequence[Entrant], pace: Pace) -> Rates:
    """Measure all entrants, one after the other in each round, in any order."""
    answers_s = [await warm_up(entrant) for entrant in entrants]
    is_slow = max(answers_s) > SLOW_S
    concurrency = 1 if is_slow else pace.concurrency
    turns = [
        Turn(entrant, to_count(answer_s, pace), concurrency)
        for entrant, answer_s in zip(entrants, answers_s, strict=True)
    ]
    rates: dict[str, list[float]] = {entrant.name: [] for entrant in entrants}
    chance = Random(0)  # noqa: S311 -- an order is no secret
    for _ in range(min(pace.rounds, SLOW_ROUNDS) if is_slow else pace.rounds):
        for turn in chance.sample(turns, len(turns)):
            rates[turn.entrant.name].append(await turn.take())
    return Rates(rates)


async def warm_up(entrant: Entrant) -> float:
    """Ask for a while, and give the seconds that an answer takes in the end.

    The first requests are sent one by one, so that a slow work is found out early.
    """
    await entrant.client.reconnect()
    connections = entrant.client.connections
    started_s = time.perf_counter()
    chosen, is_alone = connections[:1], True
    while True:
        asked_s = time.perf_counter()
        await asyncio.gather(*(each.ask(entrant.requests[0]) for each in chosen))
        answer_s = (time.perf_counter() - asked_s) / len(chosen)
        is_warm = time.perf_counter() - started_s > WARM_UP_S
        if is_warm and (answer_s > SLOW_S or not is_alone):
            return answer_s
        chosen, is_alone = connections, False


def to_count(answer_s: float, pace: Pace) -> int:
    """Choose how many requests a turn has."""
    return max(1, min(pace.requests, int(TURN_S / answer_s)))
