"""The command `gateway`: its sub-commands, and its errors as one line each."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typing_extensions import override

from gateway.cli.commands import (
    demo,
    import_command,
    schema,
    serve,
    settings,
    sync,
    usage,
)
from gateway.cli.credential_commands import keys_app, token
from gateway.cli.db_commands import db_app
from gateway.cli.declaring import QuickGroup
from gateway.errors import GatewayError

ORDER = (
    *("serve", "demo", "import", "sync", "usage"),
    *("db", "keys", "token", "schema", "settings"),
)


class GatewayGroup(QuickGroup):
    """List commands in a fixed order; print a `GatewayError` as one line."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(ORDER)

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
for command in (serve, demo, sync, usage, token, schema, settings):
    app.command()(command)
app.command("import")(import_command)
app.add_typer(db_app)
app.add_typer(keys_app)


def print_version(is_wanted: bool) -> None:  # noqa: FBT001 -- as Typer calls it
    """Print the version and exit."""
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
