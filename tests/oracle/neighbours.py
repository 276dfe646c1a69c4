"""A number to two accounts whose projects are full of each other's look-alikes.

Equals in an order follow each other as they arrived: jobs, models and users alike. What
belongs to a project arrives in the same order with its neighbours and without them. For
this, each project begins with jobs that name the models and users that it shares with
others, in one order, and what else it names is named by no other of its account.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from gateway.records import JobRecord, JobSource, ModelRecord
from tests.oracle.records import (
    INSTANTS,
    MODELS,
    USERS,
    StoredJob,
    World,
    make_job,
)

ACCOUNTS = ("acme", "other")
PROJECTS = (7, 9)
NOBODY, NOWHERE = "nobody", 8
# Whose users are named in every project; the others' in one, or in none at all.
SHARED_SOURCE = JobSource.GATEWAY
OWN_SOURCES = {7: JobSource.MODZY, 9: JobSource.SWF, None: JobSource.SHAREDCLOUD}
LATER = max(INSTANTS) + timedelta(days=1)
# Few names for many jobs: most are of jobs of several sources.
NAMES = [(source, f"job-{at}") for source in JobSource for at in range(10)]
COMERS = 30
MOVERS = 3
BATCH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Jobs that an account writes at once."""

    account: str
    jobs: Sequence[JobRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a principal may see: an account, or one of its projects."""

    account: str
    project: int | None = None

    def keep(self, arrivals: Sequence[Arrival]) -> Iterator[Arrival]:
        """Give what arrives where nothing is but what may be seen."""
        owners = to_owners(arrivals)
        for found in arrivals:
            stored = [
                job
                for job in found.jobs
                if self.project in {None, owners[name_of(found.account, job)]}
            ]
            if stored and found.account == self.account:
                yield Arrival(account=found.account, jobs=stored)


def name_of(account: str, job: JobRecord) -> tuple[str, str, str]:
    """Give what tells a job from all others."""
    return account, job.source, job.job_identifier


def to_owners(
    arrivals: Sequence[Arrival],
) -> Mapping[tuple[str, str, str], int | None]:
    """Give the project in which each job ends."""
    return {
        name_of(found.account, job): job.project_id
        for found in arrivals
        for job in found.jobs
    }


def make_views(random: Random) -> Sequence[View]:
    """Choose what principals may see: an account, projects, and nothing at all."""
    account, *others = (random.choice(ACCOUNTS) for _ in range(3))
    strangers = (View(account=NOBODY), View(account=account, project=NOWHERE))
    return [
        View(account=account),
        *(View(account=name, project=random.choice(PROJECTS)) for name in others),
        random.choice(strangers),
    ]


def make_arrivals(random: Random) -> Sequence[Arrival]:
    """Make all there is, in the order in which it arrives.

    All accounts have jobs of the same names, which differ in whose they are.
    """
    jobs = [make_job(random, *name) for name in random.sample(NAMES, COMERS)]
    queues = {account: list(make_queue(random, account, jobs)) for account in ACCOUNTS}
    turns = [account for account, queue in queues.items() for _ in queue]
    random.shuffle(turns)
    return [Arrival(account=name, jobs=queues[name].pop(0)) for name in turns]


def make_queue(
    random: Random, account: str, jobs: Sequence[JobRecord]
) -> Iterator[Sequence[JobRecord]]:
    """Make what an account writes: the beginnings of its projects, then all else."""
    for project in random.sample(PROJECTS, len(PROJECTS)):
        beginning = [
            *(make_founder(random, project, at) for at in range(len(MODELS))),
            *(make_mover(random, project, at) for at in range(MOVERS)),
        ]
        yield [mark(job, account) for job in beginning]
        # They leave the project: none of it may be observed of them from then on.
        moved = (
            replace(j, project_id=None, updated_at=LATER) for j in beginning[-MOVERS:]
        )
        yield [mark(job, account) for job in moved]
    owned = [mark(own(random, job), account) for job in jobs]
    for start in range(0, len(owned), BATCH):
        yield owned[start : start + BATCH]


def make_founder(random: Random, project: int, at: int) -> JobRecord:
    """Make one of the jobs that name what all projects share."""
    return replace(
        make_job(random, SHARED_SOURCE, f"first-{project}-{at}"),
        project_id=project,
        model=MODELS[at],
        user=USERS[at % len(USERS)],
    )


def make_mover(random: Random, project: int, at: int) -> JobRecord:
    """Make a job that a project soon has no more, with a model none of it keeps."""
    return replace(
        make_founder(random, project, at),
        job_identifier=f"moves-{project}-{at}",
        model=ModelRecord(identifier="Zeta", version="gone"),
    )


def own(random: Random, job: JobRecord) -> JobRecord:
    """Give a job to a project or to none, with what it may name there."""
    project = random.choice(list(OWN_SOURCES))
    its_own = ModelRecord(identifier="Zeta", version=f"of {project}", name="Sentiment")
    may_name = job.source in {SHARED_SOURCE, OWN_SOURCES[project]}
    return replace(
        job,
        project_id=project,
        model=random.choice([None, *MODELS, its_own, its_own]),
        user=job.user if may_name else None,
    )


def mark(job: JobRecord, account: str) -> JobRecord:
    """Let a job tell whose it is, where it is no secret to those who may see it."""
    owner = f"{account} {job.project_id}"
    return replace(job, label=owner, result=owner)


def to_world(arrivals: Sequence[Arrival]) -> World:
    """Give all jobs as those of one account: whatever may be asked for."""
    jobs = [job for found in arrivals for job in found.jobs]
    return World(
        account=ACCOUNTS[0],
        jobs=[
            StoredJob(number=at, record=job, broken={})
            for at, job in enumerate(jobs, 1)
        ],
    )
