"""Declare commands apart from their work, which is imported only when it runs."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec

from typer.core import TyperGroup
from typing_extensions import override

P = ParamSpec("P")


def done_by(place: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Import a function when the command is called, and call it instead.

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
    """A group of commands whose help does not import pydantic."""

    @override
    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            # Typer converts the default, None, with pydantic; a bool it takes as it is.
            option.default = False
        return option
