"""Progress bars on standard error."""

from rich.console import Console
from rich.progress import Progress, ProgressColumn


def make_progress(*columns: ProgressColumn) -> Progress:
    """Make a progress bar, removed at its end and hidden without a terminal."""
    console = Console(stderr=True)
    return Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    )
