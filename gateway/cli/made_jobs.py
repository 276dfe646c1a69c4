"""Generate realistic jobs for trying the gateway out, the same for the same seed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from gateway.cli.made_catalogue import TENANTS
from gateway.cli.made_sources import MAKERS, Draft
from gateway.records import JobRecord

SHARES = [tenant.share for tenant in TENANTS]
DAYS = 90
# Relative weights of the hours of a day, from 0 to 23 UTC.
NIGHT = (2, 2, 1, 1, 1, 2, 4)
MORNING = (9, 14, 17, 18, 16)
AFTERNOON = (13, 16, 18, 18, 17, 14)
EVENING = (10, 7, 6, 5, 4, 3)
HOURS = (*NIGHT, *MORNING, *AFTERNOON, *EVENING)
WEEKDAYS = (10, 11, 11, 11, 9, 3, 2)
# Jobs per thousand that are created in the last so many seconds: some of the first
# group still run, some of the second are still queued.
RECENT_PER_MILLE = ((3, 1_500), (1, 3))


def make_jobs(count: int, now: datetime, seed: int) -> Iterator[tuple[str, JobRecord]]:
    """Generate jobs of two accounts and all sources, each with its account.

    They are ordered by creation, in the 90 days before `now`.
    """
    random = Random(seed)  # noqa: S311 -- made data is no secret
    jobs = [
        make_job(random, number, created_at, now)
        for number, created_at in enumerate(make_instants(random, count, now))
    ]
    # Sorted again because sharedcloud's instants are whole seconds.
    yield from sorted(jobs, key=lambda job: job[1].created_at)


def make_job(
    random: Random, number: int, created_at: datetime, now: datetime
) -> tuple[str, JobRecord]:
    """Make one job, of any account and source."""
    [tenant] = random.choices(TENANTS, SHARES)
    [make] = random.choices(MAKERS, tenant.mix)
    draft = Draft(
        random=random, tenant=tenant, number=number, created_at=created_at, now=now
    )
    return tenant.account, make(draft)


def make_instants(random: Random, count: int, now: datetime) -> list[datetime]:
    """Choose instants, most of them in working hours, in order."""
    first = now - timedelta(days=DAYS)
    hours = [first + timedelta(hours=hour) for hour in range(DAYS * 24)]
    weights = [HOURS[hour.hour] * WEEKDAYS[hour.weekday()] for hour in hours]
    recent = [
        now - to_offset(random, most_s)
        for per_mille, most_s in RECENT_PER_MILLE
        for _ in range(count * per_mille // 1000)
    ]
    chosen = random.choices(hours, weights, k=count - len(recent))
    instants = [hour + to_offset(random, 3_600) for hour in chosen]
    return sorted(instants + recent)


def to_offset(random: Random, most_s: int) -> timedelta:
    """Choose a duration in whole milliseconds, shorter than `most_s` seconds."""
    return timedelta(milliseconds=random.randrange(most_s * 1000))
