"""`gateway settings`: the settings in effect, their secrets hidden."""

from collections.abc import Iterator

import typer
from pydantic import SecretStr

from gateway.settings import Settings, read_settings
from gateway.store.engine import parse_database_url

HIDDEN = "***"


def print_settings() -> None:
    """Print the settings in effect, one a line, without secrets."""
    for line in to_setting_lines(read_settings()):
        typer.echo(line)


def to_setting_lines(settings: Settings) -> Iterator[str]:
    """Write settings as shell assignments; unset ones as comments.

    Raises:
        SettingsError: The database URL is not one.
    """
    for name, value in settings:
        shown = to_setting_text(name, value)
        prefix = "# " if shown is None else ""
        yield f"{prefix}GATEWAY_{name.upper()}={shown or ''}"


def to_setting_text(name: str, value: object) -> str | None:
    """Write a value as an environment variable would; None where it is unset."""
    match value:
        case None | ():
            return None
        case SecretStr() if name == "database_url":
            # A query parameter may hold a password, too.
            url = parse_database_url(value.get_secret_value())
            url = url.set(drivername=url.get_backend_name(), query={})
            return url.render_as_string(hide_password=True)
        case SecretStr():
            return HIDDEN
        case tuple():
            return ",".join(value)
        case bool():
            return str(value).lower()
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)
