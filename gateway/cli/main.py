"""The command `gateway`: its sub-commands, and errors as sentences."""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command
from typing_extensions import override

from gateway.errors import GatewayError

# Where each command is. It is imported when it is asked for: a server need not wait for
# the migrations' library, nor a token for the server's.
COMMANDS = {
    "serve": "gateway.cli.serve:serve",
    "demo": "gateway.cli.demo:demo",
    "import": "gateway.cli.importing:import_command",
    "sync": "gateway.cli.syncing:sync",
    "usage": "gateway.cli.usage.command:usage",
    "db": "gateway.cli.db:db_app",
    "keys": "gateway.cli.keys:keys_app",
    "token": "gateway.cli.token:token",
    "schema": "gateway.cli.schema:schema",
    "settings": "gateway.cli.settings:settings",
}


class GatewayGroup(TyperGroup):
    """Commands that are imported when they are named, and whose errors are one line."""

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            return load_command(cmd_name)
        # Typer looks here for what may have been meant.
        self.commands = {name: load_command(name) for name in COMMANDS}
        return None

    @override
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GatewayError as exc:
            typer.secho(f"error: {exc.message}", fg=typer.colors.RED, err=True)
            raise typer.Exit(1) from exc


def load_command(name: str) -> Any:  # noqa: ANN401 -- Typer's own type for a command
    """Import a command, or a group of commands."""
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return get_command(found)
    single = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    single.command(name, context_settings=HELP_NAMES)(found)
    return get_command(single)


HELP_NAMES = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=GatewayGroup,
    help="One GraphQL API over compute and machine-learning job data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings=HELP_NAMES,
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
