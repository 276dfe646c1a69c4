"""How commands are declared: their help needs nothing that only their work imports."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec

from typer.core import TyperGroup
from typing_extensions import override

P = ParamSpec("P")


def done_by(place: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Have a function, imported at the call, do the work of a command.

    Args:
        place: The function, as `module:name`; it takes the arguments of the command.
    """
    module, _, name = place.partition(":")

    def decorate(declared: Callable[P, None]) -> Callable[P, None]:
        @wraps(declared)
        def command(*args: P.args, **kwargs: P.kwargs) -> None:
            work: Callable[P, None] = getattr(import_module(module), name)
            work(*args, **kwargs)

        return command

    return decorate


class QuickGroup(TyperGroup):
    """A group of commands that gives their help without importing pydantic."""

    @override
    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            # Typer takes a bool as it is, and has pydantic convert None.
            option.default = False
        return option
