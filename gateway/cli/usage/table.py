"""A usage summary to a table."""

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli.usage.answer import AnswerFigures, Summary
from gateway.cli.usage.text import to_duration_text
from gateway.cli.usage.window import to_clock_text

# Wider than any terminal: how wide a table would be by itself.
UNLIMITED = 10_000


def to_heading(summary: Summary) -> Text:
    """Write account, project and window above the table."""
    question = summary.question
    window = question.window
    start, end = (to_clock_text(at, window.zone) for at in (window.start, window.end))
    project = question.project_id
    whose = (
        question.account
        if project is None
        else f"project {project} of {question.account}"
    )
    return Text(f"{whose}: compute used from {start} to {end} ({window.zone.key})")


def to_note(summary: Summary) -> Text:
    """Write up to which instant running jobs are counted."""
    as_of = to_clock_text(
        summary.as_of.replace(microsecond=0), summary.question.window.zone
    )
    return Text(f"Jobs that still run are counted up to {as_of}.")


def to_usage_table(summary: Summary) -> Table:
    """Make a table: a row for each group, and the totals below."""
    question = summary.question
    names = [*([question.by.value] if question.by else []), *question.dimensions]
    table = Table(show_footer=bool(names))
    for position, name in enumerate(names):
        footer = "total" if position == 0 else ""
        table.add_column(to_title(name), Text(footer, "bold"), overflow="fold")
    for title, total in to_figure_cells(summary, summary.totals):
        # A figure may go over two lines, but never lose a digit.
        bold = Text(total, "bold")
        table.add_column(to_title(title), bold, justify="right", overflow="fold")
    if not names:
        table.add_row(
            *(Text(text) for _, text in to_figure_cells(summary, summary.totals))
        )
    for row in summary.rows if names else ():
        bucket = (summary.parts[row.bucket],) if row.bucket else ()
        figures = (text for _, text in to_figure_cells(summary, row.figures))
        table.add_row(*(Text(text) for text in (*bucket, *row.labels, *figures)))
    return table


def fit(table: Table, console: Console) -> None:
    """Drop the lines between columns of a table that is wider than the console."""
    options = console.options.update(width=UNLIMITED)
    if console.measure(table, options=options).maximum > console.width:
        table.box = box.SIMPLE
        table.padding = (0, 0)
        table.show_edge = False


def to_title(name: str) -> str:
    """Write the title of a column."""
    return name.replace("-", " ")


def to_figure_cells(
    summary: Summary, figures: AnswerFigures
) -> Iterator[tuple[str, str]]:
    """Write figures under their titles, without columns that would be empty."""
    yield "time", to_duration_text(figures.length_ms)
    if summary.totals.running_ms:
        running_ms = figures.running_ms
        yield "of which running", to_duration_text(running_ms) if running_ms else ""
    yield "jobs", f"{figures.job_count:,}"
    if summary.totals.cost:
        yield "cost", figures.cost
