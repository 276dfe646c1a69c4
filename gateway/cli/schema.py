"""`gateway schema`: the GraphQL schema as text."""

from pathlib import Path

import typer

from gateway.errors import StartupError
from gateway.schema.contract import to_sdl
from gateway.schema.subgraph import to_subgraph_sdl


def print_schema(*, check: Path | None, federation: bool) -> None:
    """Print the schema, or compare a file with it.

    Raises:
        StartupError: The file says something else, or cannot be read.
    """
    sdl = (to_subgraph_sdl() if federation else to_sdl()).rstrip("\n")
    if check is None:
        typer.echo(sdl)
        return
    if read_schema_file(check).rstrip("\n") != sdl:
        command = "gateway schema --federation" if federation else "gateway schema"
        raise StartupError(
            f"{check} is not the schema of this version; run `{command} > {check}`"
        )


def read_schema_file(path: Path) -> str:
    """Read a file.

    Raises:
        StartupError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise StartupError(f"cannot read {path}: {exc}") from exc
