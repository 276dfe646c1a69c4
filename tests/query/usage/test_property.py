"""Usage against a direct computation in plain Python over the same jobs."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings as given_settings

from gateway.auth.principal import CredentialKind, Principal
from gateway.query.document.request import GraphqlRequest
from gateway.records import JobRecord
from gateway.schema.operations import Operations
from gateway.settings import Settings
from gateway.store.database import Database, open_database
from tests.factories import put
from tests.oracle.objects import Plain
from tests.oracle.records import StoredJob, World
from tests.oracle.summaries import summarise
from tests.query.usage.cases import Case, cases

NUMBERS = count(1)
FIGURES = """
    lengthMs runningMs jobCount cost { amount currency }
    queueTime { p50 p95 p99 mean } elapsedTime { p50 p95 p99 mean }
"""
HEAD = """
    query(
        $startDate: DateTime!, $endDate: DateTime!, $projectId: BigInt,
        $filter: JobFilter, $groupBy: [UsageDimension!]!, $bucket: TimeBucket,
        $timeZone: TimeZone!, $fillEmpty: Boolean!, $orderBy: UsageOrder
    ) {
        usageSummary(
            startDate: $startDate, endDate: $endDate, projectId: $projectId,
            filter: $filter, groupBy: $groupBy, bucket: $bucket, timeZone: $timeZone,
            fillEmpty: $fillEmpty, orderBy: $orderBy
        )
"""
QUERY = f"""{HEAD} {{
        asOf
        summary {{
            category model {{ identifier }} user {{ identifier source }} status
            source projectId submittedBy bucketStart bucketEnd {FIGURES}
        }}
        totals {{ {FIGURES} }}
    }} }}
"""
OPENED = f"""{HEAD} {{
        summary {{
            lengthMs jobCount jobs(first: 100) {{ totalCount edges {{ lengthMs }} }}
        }}
    }} }}
"""
MAX_OPENED = 100
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """The gateway, with an account of its own for each case."""

    operations: Operations
    database: Database
    runner: asyncio.Runner
    kept: dict[tuple[str, str], JobRecord] = field(default_factory=dict)

    def start(self, case: Case) -> str:
        """Write the jobs of a case and name their account."""
        account = f"account-{next(NUMBERS)}"
        for batch in case.batches:
            self.runner.run(put(self.database, account, *batch))
        return account

    def ask(
        self, account: str, case: Case, query: str = QUERY, **changes: object
    ) -> Answer:
        """Ask for the summary."""
        request = GraphqlRequest(query=query, variables={**case.arguments, **changes})
        principal = to_principal(account, case.project)
        answer = self.runner.run(self.operations.execute(request, principal))
        assert "errors" not in answer.payload
        found: Answer = answer.payload["data"]["usageSummary"]
        return found


def to_principal(account: str, project: int | None) -> Principal:
    return Principal(
        account=account,
        project_id=project,
        subject="tester",
        kind=CredentialKind.JWT,
        scopes=frozenset({"jobs:read", "usage:read"}),
    )


@contextmanager
def open_side(settings: Settings) -> Iterator[Side]:
    database = open_database(settings)
    with asyncio.Runner() as runner:
        try:
            yield Side(Operations(settings, database), database, runner)
        finally:
            runner.run(database.close())


def to_world(case: Case) -> World:
    """Keep what a later batch says of a job; it has its number from the first."""
    kept: dict[tuple[str, str], JobRecord] = {}
    for job in (job for batch in case.batches for job in batch):
        identity = (job.source.value, job.job_identifier)
        known = kept.get(identity)
        if known is None or known.updated_at <= job.updated_at:
            kept[identity] = job
    return World(
        account="",
        jobs=[
            StoredJob(number=at, record=job, broken={})
            for at, job in enumerate(kept.values(), 1)
        ],
    )


def compute(case: Case, now: datetime) -> Answer:
    """Compute the summary directly."""
    given = {name: value for name, value in case.arguments.items() if value is not None}
    given["timeZone"] = ZoneInfo(given["timeZone"]).key
    for name in ("startDate", "endDate"):
        given[name] = datetime.fromisoformat(given[name])
    plain = Plain(
        world=to_world(case), principal=to_principal("", case.project), now=now
    )
    return summarise(plain, None, **given)


def comparable(group: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reduce a group, or totals, of either side to what both say alike."""
    found = {name: value for name, value in group.items() if value is not None}
    found.pop("jobs", None)
    for name in ("model", "user"):
        if name in found:
            found[name] = found[name]["identifier"]
    found["cost"] = [
        (Decimal(money["amount"]), money["currency"]) for money in found["cost"]
    ]
    return found


def check_groups(found: Answer, expected: Answer, field: str) -> None:
    """Compare groups and their order; not of models and users alike in a figure.

    Those follow their numbers, which come from jobs as they were at first.
    """
    groups, others = (
        [comparable(group) for group in side["summary"]] for side in (found, expected)
    )
    if field != "KEY":
        name = "lengthMs" if field == "LENGTH" else "jobCount"
        assert [group[name] for group in groups] == [group[name] for group in others]
        groups, others = (
            sorted(side, key=lambda group: str(sorted(group.items())))
            for side in (groups, others)
        )
    assert groups == others


def check_sums(found: Answer, *, is_split: bool) -> None:
    """See that groups sum to totals, jobs where each is in one group alone."""
    names = ["lengthMs", "runningMs", *([] if is_split else ["jobCount"])]
    for name in names:
        assert sum(group[name] for group in found["summary"]) == found["totals"][name]
    assert costs_of(*found["summary"]) == costs_of(found["totals"])


def costs_of(*groups: Mapping[str, Any]) -> Mapping[str, Decimal]:
    costs: dict[str, Decimal] = {}
    for money in (money for group in groups for money in group["cost"]):
        at = money["currency"]
        costs[at] = costs.get(at, Decimal(0)) + Decimal(money["amount"])
    return costs


def check_opened(opened: Answer) -> None:
    """See that the jobs behind each group are as many as it says, and sum to it."""
    for group in opened["summary"]:
        jobs = group["jobs"]
        assert jobs["totalCount"] == group["jobCount"]
        assert sum(edge["lengthMs"] for edge in jobs["edges"]) == group["lengthMs"]


def check_halves(side: Side, account: str, case: Case, whole: Answer) -> None:
    """See that two adjacent windows add up to both."""
    start, end = (
        datetime.fromisoformat(case.arguments[name])
        for name in ("startDate", "endDate")
    )
    middle = start + (end - start) // timedelta(milliseconds=2) * timedelta(
        milliseconds=1
    )
    first = side.ask(account, case, endDate=middle.isoformat())["totals"]
    second = side.ask(account, case, startDate=middle.isoformat())["totals"]
    running = whole["totals"]["runningMs"]
    # The clock goes on between the questions, and with it the runs that have not ended.
    ended = whole["totals"]["lengthMs"] - running
    assert (
        sum(half["lengthMs"] - half["runningMs"] for half in (first, second)) == ended
    )
    assert costs_of(first, second) == costs_of(whole["totals"])


def test_usage_is_that_of_a_direct_computation(settings: Settings) -> None:
    with open_side(settings) as side:

        @given_settings(
            max_examples=120,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(cases())
        def compare(case: Case) -> None:
            account = side.start(case)
            found = side.ask(account, case)
            expected = compute(case, found["asOf"])
            check_groups(found, expected, case.arguments["orderBy"]["field"])
            assert comparable(found["totals"]) == comparable(expected["totals"])
            check_sums(found, is_split=case.arguments["bucket"] is not None)
            check_halves(side, account, case, found)
            if len(found["summary"]) <= MAX_OPENED:
                check_opened(side.ask(account, case, OPENED))

        compare()
