"""`gateway usage`: how much compute was used, as the API says it, for a terminal."""

import asyncio
import io
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from gateway.auth.names import parse_account, parse_project_id
from gateway.auth.principal import CredentialKind, Principal
from gateway.cli.databases import check_account
from gateway.cli.usage.answer import Summary, parse_summary
from gateway.cli.usage.chart import Canvas, to_chart
from gateway.cli.usage.csv_text import to_csv
from gateway.cli.usage.question import (
    UsageQuestion,
    parse_dimensions,
    parse_usage_order,
    to_usage_request,
)
from gateway.cli.usage.table import fit, to_heading, to_note, to_usage_table
from gateway.cli.usage.window import By, parse_zone, to_window
from gateway.errors import InputError
from gateway.schema.operations import Operations
from gateway.settings import Settings, read_settings
from gateway.store.database import opened_database
from gateway.store.version import check_version
from gateway.web.reply import to_json

SCOPES = frozenset({"jobs:read", "usage:read"})


def show_usage(  # noqa: PLR0913 -- each is an option of the command line
    *,
    account: str,
    project: int | None,
    start: str | None,
    end: str | None,
    by: By | None,
    group: str,
    time_zone: str,
    order: str | None,
    fill_empty: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Query the usage of an account, and print it as a table, CSV or JSON.

    Raises:
        InputError: The question cannot be answered; see `ask`.
    """
    if as_csv and as_json:
        raise InputError("--csv and --json exclude each other; give one of them")
    question = UsageQuestion(
        account=parse_account(account),
        project_id=parse_project_id(project),
        window=to_window(start, end, parse_zone(time_zone), datetime.now(UTC)),
        by=by,
        dimensions=parse_dimensions(group),
        order=parse_usage_order(order),
        fills_empty=fill_empty,
        is_charted=not as_csv and not as_json,
    )
    answer = asyncio.run(ask(read_settings(), question))
    if as_json:
        typer.echo(answer)
        return
    data = orjson.loads(answer)["data"]
    if as_csv:
        # Bytes, so that no terminal's encoding changes what others read.
        typer.echo(to_csv(data["usageSummary"]).encode(), nl=False)
        return
    print_summary(parse_summary(question, data))


async def ask(settings: Settings, question: UsageQuestion) -> bytes:
    """Ask as a client of the API would, and give its answer as JSON.

    Raises:
        InputError: There is no such account, or the API refuses the question.
        MigrationError: The database is at another version.
    """
    async with opened_database(settings, check_version) as database:
        await check_account(database, question.account)
        answer = await Operations(settings, database).execute(
            to_usage_request(question), to_usage_principal(question.account)
        )
    raise_first_error(answer.payload)
    return to_json(answer.payload)


def to_usage_principal(account: str) -> Principal:
    """Make a principal that may see the usage of a whole account."""
    return Principal(
        account=account,
        subject="gateway usage",
        kind=CredentialKind.JWT,
        scopes=SCOPES,
    )


def raise_first_error(payload: dict[str, Any]) -> None:
    """Raise the first error of an answer.

    Raises:
        InputError: The answer has one.
    """
    for error in payload.get("errors", ()):
        raise InputError(error["message"])


def print_summary(summary: Summary) -> None:
    """Print a summary as a table and bars, as wide as the terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks must not end the command.
        sys.stdout.reconfigure(errors="replace")
    console = Console()
    console.print(to_heading(summary))
    if not summary.rows:
        console.print(Text("No job ran in this window."))
        return
    table = to_usage_table(summary)
    fit(table, console)
    console.print(table)
    canvas = Canvas(width=console.width, is_ascii=console.options.ascii_only)
    for line in to_chart(summary, canvas):
        console.print(line)
    if summary.totals.running_ms:
        console.print(to_note(summary))
