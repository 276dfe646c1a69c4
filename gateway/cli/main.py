"""The command `gateway`: its sub-commands, and errors as sentences."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from gateway.cli.db import db_app
from gateway.cli.demo import demo
from gateway.cli.importing import import_command
from gateway.cli.keys import keys_app
from gateway.cli.schema import schema
from gateway.cli.serve import serve
from gateway.cli.settings import settings
from gateway.cli.token import token
from gateway.errors import GatewayError

__all__ = ["app"]


class GatewayGroup(TyperGroup):
    """Commands whose errors are one line and exit code 1."""

    @override
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GatewayError as exc:
            typer.secho(f"error: {exc.message}", fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from exc


app = typer.Typer(
    cls=GatewayGroup,
    help="One GraphQL API over compute and machine-learning job data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def print_version(is_wanted: bool) -> None:  # noqa: FBT001 -- as Typer calls it
    """Print the version and end."""
    if is_wanted:
        typer.echo(f"job-gateway {version('job-gateway')}")
        raise typer.Exit


@app.callback()
def main(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=print_version, is_eager=True, help="Print it."
        ),
    ] = False,
) -> None:
    """One GraphQL API over compute and machine-learning job data."""


app.command()(serve)
app.command()(demo)
app.command("import")(import_command)
app.command()(schema)
app.command()(settings)
app.command()(token)
app.add_typer(db_app)
app.add_typer(keys_app)
