"""What `gateway demo` prints: where it is, credentials, and three commands to paste."""

import json
import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.web.graphiql import GraphiqlAccount

FIRST_JOBS = (
    "{ jobs(first: 3) { totalCount nodes { jobIdentifier source status createdAt } } }"
)
FAILED_JOBS = (
    "query Failed($status: [JobStatus!]) { jobs(first: 3, filter: {status: $status})"
    " { nodes { jobIdentifier rawStatus model { name } createdAt } } }"
)
USAGE = (
    "query Usage($from: DateTime!, $to: DateTime!) { usageSummary(startDate: $from,"
    " endDate: $to) { summary { category lengthMs jobCount }"
    " totals { lengthMs jobCount } } }"
)
USAGE_DAYS = 30


def to_demo_text(
    address: str, database: Path, accounts: Sequence[GraphiqlAccount], now: datetime
) -> Iterator[str]:
    """Write the text of the demo.

    Args:
        address: Of the gateway, without path.
        database: The file that has the jobs.
        accounts: At least one; the first is the one the commands ask for.
        now: When the last window of usage ends.
    """
    yield f"Job Gateway is at {address}/graphql: open it in a browser for GraphiQL."
    yield f"Its database is {database}."
    for account in accounts:
        yield ""
        yield f"Account {account.name}"
        yield f"  x-api-key: {account.api_key}"
        yield f"  Authorization: Bearer {account.jwt}"
    yield ""
    yield "Paste one of these into another terminal:"
    for line in to_commands(f"{address}/graphql", accounts[0], now):
        yield ""
        yield f"  {line}"
    yield ""
    yield "Ctrl-C ends it."


def to_commands(url: str, account: GraphiqlAccount, now: datetime) -> Iterator[str]:
    """Write three commands: jobs by API key, failed jobs by JWT, and usage."""
    key = f"x-api-key: {account.api_key}"
    token = f"Authorization: Bearer {account.jwt}"
    window = {
        "from": to_rfc_3339_utc(now - timedelta(days=USAGE_DAYS)),
        "to": to_rfc_3339_utc(now),
    }
    yield to_command(url, key, {"query": FIRST_JOBS})
    yield to_command(
        url, token, {"query": FAILED_JOBS, "variables": {"status": ["FAILED"]}}
    )
    yield to_command(url, key, {"query": USAGE, "variables": window})


def to_command(url: str, credential: str, body: dict[str, Any]) -> str:
    """Write a request as one line of a shell."""
    headers = ["-H", credential, "-H", "content-type: application/json"]
    # The answer does not end in a new line; curl adds one.
    end = ["-w", r"\n"]
    return shlex.join(["curl", "-s", url, *headers, "-d", json.dumps(body), *end])


def to_rfc_3339_utc(instant: datetime) -> str:
    """Write an instant to the second, in UTC with a Z."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
