"""`gateway keys` and `gateway token`, declared; see `gateway.cli.commands`."""

from typing import Annotated

import typer

from gateway.cli.declaring import QuickGroup, done_by

Account = Annotated[str, typer.Option(help="Whose jobs a key may see.")]
Project = Annotated[
    int | None, typer.Option(help="The only project it may see; else all.")
]
Scope = Annotated[
    list[str] | None,
    typer.Option(help="What it may do; repeat for more; else GATEWAY_DEFAULT_SCOPES."),
]
Expires = Annotated[
    str | None,
    typer.Option(help="12h, 90d, 4w, 1y, or an RFC 3339 instant; else never."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]

keys_app = typer.Typer(
    name="keys",
    cls=QuickGroup,
    help="Hand out, take over, list and revoke API keys.",
    no_args_is_help=True,
)


@keys_app.command("create")
@done_by("gateway.cli.keys:create_key")
def create(
    *,
    account: Account,
    project: Project = None,
    scope: Scope = None,
    expires: Expires = None,
    prefix: Annotated[str, typer.Option(help="What the key begins with.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it, this once."""


@keys_app.command("import")
@done_by("gateway.cli.keys:take_over_keys")
def take_over(
    file: Annotated[
        typer.FileText, typer.Argument(help="One key a line; - is standard input.")
    ],
    *,
    account: Account,
    project: Project = None,
    scope: Scope = None,
    expires: Expires = None,
    as_json: AsJson = False,
) -> None:
    """Take over keys of any text that clients hold already, and print their names."""


@keys_app.command("list")
@done_by("gateway.cli.keys:list_keys")
def list_command(
    *,
    account: Annotated[
        str | None, typer.Option(help="Whose keys; else of all accounts.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List API keys: what is stored of them, so no secret."""


@keys_app.command("revoke")
@done_by("gateway.cli.keys:revoke_by_prefix")
def revoke(
    prefix: Annotated[str, typer.Argument(help="The prefix of the key.")],
) -> None:
    """Revoke an API key, for good; all replicas refuse it within two seconds."""


@done_by("gateway.cli.token:print_token")
def token(
    *,
    account: Annotated[str, typer.Option(help="Whose jobs the token may see.")],
    subject: Annotated[str, typer.Option(help="Who sends it: its `sub`.")],
    project: Project = None,
    scope: Scope = None,
    expires: Annotated[
        str, typer.Option(help="12h, 90d, 4w, 1y, or an RFC 3339 instant.")
    ] = "1h",
) -> None:
    """Sign a JWT for development with GATEWAY_JWT_SECRET and print it."""
