"""The works that contestants are measured by: a GraphQL document, and a path for each.

Hand-written endpoints answer the path; the others the document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

ACCOUNT = "bench"
# All runs of all data sets lie inside.
WINDOW = {"startDate": "2005-01-01T00:00:00Z", "endDate": "2025-01-01T00:00:00Z"}

JOB_24 = """
  id jobIdentifier source projectId category label status submittedBy
  createdAt submittedAt startedAt finishedAt updatedAt
  total pending completed failed elapsedTime queueTime inputByteAmount
  cost { amount currency }
  model { identifier version }
"""
JOB_38 = """
  id jobIdentifier source accountIdentifier projectId category categoryKey label
  status rawStatus submittedBy
  createdAt submittedAt assignedAt startedAt finishedAt updatedAt
  total pending completed failed elapsedTime queueTime timeout
  explain inputByteAmount instance run
  cost { amount currency }
  model { id identifier version name }
  user { id identifier source title }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of request.

    Attributes:
        core_ratio: What the gateway shall reach of the endpoint on SQLAlchemy.
        strawberry_ratio: What it shall reach of plain Strawberry.
        takes: What its wishes differ in: nothing, a window, or a job each.
    """

    name: str
    title: str
    document: str
    core_ratio: float | None = None
    strawberry_ratio: float | None = None
    takes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One request, as a body for GraphQL and as a target for the others."""

    body: bytes
    target: str


WORKS = (
    Work(
        name="page24",
        title="page of 50 x 24 fields",
        document="{ jobs(first: 50) { nodes {"
        + JOB_24
        + "} pageInfo { hasNextPage } } }",
        core_ratio=1.0,
        strawberry_ratio=8,
    ),
    Work(
        name="page5",
        title="page of 100 x 5 fields",
        document="{ jobs(first: 100) { nodes { jobIdentifier status category createdAt"
        " elapsedTime } pageInfo { hasNextPage } } }",
        core_ratio=0.9,
        strawberry_ratio=5,
    ),
    Work(
        name="job",
        title="one job by identifier",
        document="query ($key: String!) { job(jobIdentifier: $key) {" + JOB_24 + "} }",
        core_ratio=0.7,
        strawberry_ratio=1.5,
        takes="job",
    ),
    Work(
        name="nested",
        title="jobs(50) { jobInputs(5) model { jobs(3) } }",
        document="""{ jobs(first: 50) { nodes {
            jobIdentifier status createdAt
            jobInputs(first: 5) { nodes { identifier status elapsedTime byteAmount } }
            model { identifier version
              jobs(first: 3) { nodes { jobIdentifier status createdAt } } }
        } pageInfo { hasNextPage } } }""",
        core_ratio=0.8,
        strawberry_ratio=8,
    ),
    Work(
        name="usage",
        title="usageSummary by category, all years",
        document="""query ($startDate: DateTime!, $endDate: DateTime!) {
          usageSummary(startDate: $startDate, endDate: $endDate) {
            summary { category lengthMs jobCount } totals { lengthMs jobCount } } }""",
        takes="window",
    ),
    Work(
        name="explorer",
        title="page of 20 x 40 fields, with edges",
        document="{ jobs(first: 20) { edges { node {"
        + JOB_38
        + "} } pageInfo { hasNextPage hasPreviousPage } } }",
    ),
)


def to_wishes(work: Work, job_identifiers: Sequence[str]) -> list[Wish]:
    """Make the requests of a work that are sent in turn."""
    match work.takes:
        case "job":
            return [
                to_wish(work, f"/job/{key}", {"key": key}) for key in job_identifiers
            ]
        case "window":
            return [to_wish(work, f"/usage?{urlencode(WINDOW)}", WINDOW)]
        case _:
            return [to_wish(work, f"/{work.name}", {})]


def to_wish(work: Work, target: str, variables: dict[str, str]) -> Wish:
    """Make one request of a work."""
    members = {"query": work.document, "variables": variables}
    return Wish(body=orjson.dumps(members), target=target)
