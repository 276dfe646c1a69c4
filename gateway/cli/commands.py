"""The commands without a group, declared: what each takes, and what its help says."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.declaring import done_by
from gateway.cli.usage.window import By

# As `gateway.dialects.registry` has them.
FORMATS = "modzy, edge-impulse, sharedcloud, swf, ndjson"

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
]


@done_by("gateway.cli.serve:serve_gateway")
def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that answer.")
    ] = 1,
) -> None:
    """Serve the database that GATEWAY_DATABASE_URL names."""


@done_by("gateway.cli.demo:serve_demo")
def demo(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to keep the database; else a temporary folder."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Jobs to make.")] = 20_000,
    files: Annotated[
        tuple[str, Path] | None,
        typer.Option(
            "--import",
            metavar="FORMAT FILE",
            help="Import a file, too, as the jobs of the account `imported`.",
        ),
    ] = None,
) -> None:
    """Serve made jobs of two accounts, with credentials and commands to try."""


@done_by("gateway.cli.importing:import_paths")
def import_command(  # noqa: PLR0913 -- each is an option of the command line
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help=f"One of {FORMATS}.")
    ],
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Files, gzipped or not; - is standard input."
        ),
    ],
    *,
    account: Annotated[str, typer.Option(help="Whose jobs these are.")],
    project: Annotated[
        int | None, typer.Option(help="The project of jobs that name none.")
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(help="IANA zone of instants without one. [default: a setting]"),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="Start of workload logs whose header has none."
        ),
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the workload log. [default: computer and installation in its"
            " header, else its start]",
        ),
    ] = None,
) -> None:
    """Import jobs; importing them again changes only what is newer."""


@done_by("gateway.cli.syncing:sync_upstreams")
def sync(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="One round of each, and then end.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="One round that only says what it would write; writes nothing.",
        ),
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="With --once or --dry-run: read all there is, and not only what is"
            " new since the last round.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this upstream; may be repeated."),
    ] = None,
) -> None:
    """Fetch the jobs of the source systems that are set, again and again."""


@done_by("gateway.cli.usage.command:show_usage")
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


@done_by("gateway.cli.schema:print_schema")
def schema(
    *,
    check: Annotated[
        Path | None, typer.Option(help="A file that must say the same.")
    ] = None,
    federation: Annotated[
        bool, typer.Option("--federation", help="As a subgraph of Apollo Federation.")
    ] = False,
) -> None:
    """Print the GraphQL schema, or compare a file with it."""


@done_by("gateway.cli.settings:print_settings")
def settings() -> None:
    """Print the settings in effect, one a line, without secrets."""
