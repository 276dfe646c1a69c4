"""`gateway usage`: how much compute was used, as the API says it, for a terminal."""

import asyncio
import io
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from gateway.auth.names import parse_account, parse_project_id
from gateway.auth.principal import CredentialKind, Principal
from gateway.cli.accounts import check_account
from gateway.cli.usage.answer import Summary, to_summary
from gateway.cli.usage.chart import Canvas, to_chart
from gateway.cli.usage.csv_text import to_csv
from gateway.cli.usage.question import (
    By,
    Question,
    parse_dimensions,
    parse_order,
    to_request,
)
from gateway.cli.usage.table import fit, to_heading, to_note, to_table
from gateway.cli.usage.window import parse_time_zone, to_window
from gateway.errors import InputError
from gateway.schema.operations import Operations
from gateway.settings import Settings, read_settings
from gateway.store.database import open_database
from gateway.store.version import check_version
from gateway.web.reply import to_json

SCOPES = frozenset({"jobs:read", "usage:read"})


def usage(  # noqa: PLR0913 -- each is an option of the command line
    *,
    account: Annotated[str, typer.Option(help="Whose jobs count.")],
    project: Annotated[
        int | None, typer.Option(help="Only jobs of this project.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE|INSTANT",
            help="The window's first instant; else the start of the month it ends in.",
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DATE|INSTANT",
            help="The first instant after the window; else now.",
        ),
    ] = None,
    by: Annotated[
        By | None,
        typer.Option(case_sensitive=False, help="Split the window into these parts."),
    ] = None,
    group: Annotated[
        str,
        typer.Option(
            help="Split by up to three of category, model, user, status, source,"
            " project, submitted-by, with commas between; or by none."
        ),
    ] = "category",
    time_zone: Annotated[
        str,
        typer.Option(help="Whose calendar has the dates and parts: an IANA name."),
    ] = "UTC",
    order: Annotated[
        str | None,
        typer.Option(
            help="length, count or key, perhaps with :asc or :desc; else the longest"
            " first."
        ),
    ] = None,
    fill_empty: Annotated[
        bool, typer.Option("--fill-empty", help="Show groups in all parts, with zeros.")
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, with exact milliseconds.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer of the GraphQL API.")
    ] = False,
) -> None:
    """Show how much compute an account used in a window of time."""
    if as_csv and as_json:
        raise InputError("--csv and --json exclude each other; give one of them")
    question = Question(
        account=parse_account(account),
        project_id=parse_project_id(project),
        window=to_window(start, end, parse_time_zone(time_zone), datetime.now(UTC)),
        by=by,
        dimensions=parse_dimensions(group),
        order=parse_order(order),
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
    show(to_summary(question, data))


async def ask(settings: Settings, question: Question) -> bytes:
    """Ask as a client of the API would, and give its answer as JSON.

    Raises:
        InputError: There is no such account, or the API refuses the question.
        MigrationError: The database is at another version.
    """
    database = open_database(settings)
    try:
        await check_version(database)
        await check_account(database, question.account)
        operations = Operations(settings, database)
        answer = await operations.execute(
            to_request(question), to_principal(question.account)
        )
    finally:
        await database.close()
    check_answer(answer.payload)
    return to_json(answer.payload)


def to_principal(account: str) -> Principal:
    """Make who may see the usage of a whole account."""
    return Principal(
        account=account,
        subject="gateway usage",
        kind=CredentialKind.JWT,
        scopes=SCOPES,
    )


def check_answer(payload: dict[str, Any]) -> None:
    """Take an answer that has errors for the first of them.

    Raises:
        InputError: It has.
    """
    for error in payload.get("errors", ()):
        raise InputError(error["message"])


def show(summary: Summary) -> None:
    """Print a summary as a table and bars, as wide as the terminal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names that the terminal has no characters for shall not end the command.
        sys.stdout.reconfigure(errors="replace")
    console = Console()
    console.print(to_heading(summary))
    if not summary.rows:
        console.print(Text("No job ran in this window."))
        return
    table = to_table(summary)
    fit(table, console)
    console.print(table)
    canvas = Canvas(width=console.width, is_ascii=console.options.ascii_only)
    for line in to_chart(summary, canvas):
        console.print(line)
    if summary.totals.running_ms:
        console.print(to_note(summary))
