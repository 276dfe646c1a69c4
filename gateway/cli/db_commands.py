"""`gateway db`, declared; see `gateway.cli.commands`."""

from typing import Annotated

import typer

from gateway.cli.declaring import QuickGroup, done_by

AnyAccount = Annotated[
    str | None, typer.Option(help="Of this account only.", show_default="all")
]

db_app = typer.Typer(
    name="db",
    cls=QuickGroup,
    help="Migrate the database, see its state, check its usage figures, forget an"
    " upstream.",
    no_args_is_help=True,
)


@db_app.command("upgrade")
@done_by("gateway.cli.db:migrate_database")
def upgrade_command() -> None:
    """Bring the database to the version this code needs."""


@db_app.command("status")
@done_by("gateway.cli.db:show_status")
def status_command() -> None:
    """Show the database's version, and how much each account has."""


@db_app.command("rebuild-usage")
@done_by("gateway.cli.db:rebuild_figures")
def rebuild_command(account: AnyAccount = None) -> None:
    """Make the usage figures anew from the jobs; imports wait, queries do not."""


@db_app.command("verify-usage")
@done_by("gateway.cli.db:verify_figures")
def verify_command(
    account: AnyAccount = None,
    limit: Annotated[
        int, typer.Option(min=1, help="How many differences to show of an account.")
    ] = 20,
) -> None:
    """Compare the usage figures with the jobs; exit with 1 if they differ."""


@db_app.command("forget-upstream")
@done_by("gateway.cli.db:forget_upstream")
def forget_command(
    name: Annotated[str, typer.Argument(help="What the upstream is called.")],
    account: Annotated[str, typer.Option(help="Whose it is.")],
) -> None:
    """Forget an upstream that is not read any more, and how far it was; jobs stay."""
