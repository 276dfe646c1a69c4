"""A usage summary to bars: one for each group, or one for each bucket."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from gateway.cli.usage.answer import Summary
from gateway.cli.usage.text import to_duration_text

# Distinct without colours, too; the last filling is for all other groups.
FILLINGS = "█▓▒░·"
ASCII_FILLINGS = "#=+-."
LAST = len(FILLINGS) - 1
STYLES = ("cyan", "magenta", "yellow", "green", "bright_black")
EIGHTHS = " ▏▎▍▌▋▊▉"
MAX_BARS = 30
SEPARATOR = " / "

# A group's values of its dimensions.
Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar, and the lengths of its segments in milliseconds, one for each filling."""

    label: str
    lengths: Sequence[int]

    @property
    def length_ms(self) -> int:
        """The length of the whole bar."""
        return sum(self.lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """The width of the terminal in columns, and whether it shows only ASCII."""

    width: int
    is_ascii: bool

    @property
    def fillings(self) -> str:
        """The fillings that can be shown."""
        return ASCII_FILLINGS if self.is_ascii else FILLINGS


def to_chart(summary: Summary, canvas: Canvas) -> Iterator[Text]:
    """Draw a chart, line by line; nothing if there are fewer than two bars."""
    series = to_series(summary)
    bars = to_part_bars(summary, series) if summary.parts else to_group_bars(summary)
    if len(bars) < 2 or not summary.totals.length_ms:  # noqa: PLR2004 -- to compare
        return
    if len(series) > 1:
        yield from to_legend(series, canvas)
    yield from draw_bars(bars, canvas)
    hidden = len(summary.rows) - len(bars)
    if not summary.parts and hidden:
        rest_ms = summary.totals.length_ms - sum(bar.length_ms for bar in bars)
        yield Text(f"and {hidden:,} more with {to_duration_text(rest_ms)} in all")


def to_series(summary: Summary) -> dict[Labels, int]:
    """Assign fillings: the longest groups have their own, the others share the last."""
    if not summary.parts:
        return {}
    lengths: Counter[Labels] = Counter()
    for row in summary.rows:
        lengths[row.labels] += row.figures.length_ms
    ranked = (labels for labels, _ in lengths.most_common())
    return {labels: min(place, LAST) for place, labels in enumerate(ranked)}


def to_part_bars(summary: Summary, series: dict[Labels, int]) -> list[Bar]:
    """Make a bar for each bucket, also for those without jobs."""
    lengths = {start: [0] * len(FILLINGS) for start in summary.parts}
    for row in summary.rows:
        place = series[row.labels]
        lengths[row.bucket or ""][place] += row.figures.length_ms
    return [
        Bar(label=label, lengths=lengths[start])
        for start, label in summary.parts.items()
    ]


def to_group_bars(summary: Summary) -> list[Bar]:
    """Make bars for the longest groups, in the order of the answer."""
    bars = [
        Bar(label=SEPARATOR.join(row.labels), lengths=[row.figures.length_ms])
        for row in summary.rows
    ]
    longest = sorted(range(len(bars)), key=lambda i: -bars[i].length_ms)[:MAX_BARS]
    return [bars[i] for i in sorted(longest)]


def to_legend(series: dict[Labels, int], canvas: Canvas) -> Iterator[Text]:
    """Write which filling is which group, as many on a line as fit."""
    named = [
        (SEPARATOR.join(labels), place)
        for labels, place in series.items()
        if place < LAST
    ]
    if others := len(series) - len(named):
        named.append((f"{others:,} more", LAST))
    line = Text()
    for label, place in named:
        entry = Text.assemble((canvas.fillings[place], STYLES[place]), f" {label}")
        if line and line.cell_len + 2 + entry.cell_len > canvas.width:
            yield line
            line = Text()
        line = Text("  ").join([line, entry]) if line else entry
    yield line


def draw_bars(bars: Sequence[Bar], canvas: Canvas) -> Iterator[Text]:
    """Draw bars on one scale, each after its label and its time."""
    times = [to_duration_text(bar.length_ms) for bar in bars]
    label_width = min(max(cell_len(bar.label) for bar in bars), canvas.width // 3)
    time_width = max(map(len, times))
    width = max(1, canvas.width - label_width - time_width - 4)
    largest = max(bar.length_ms for bar in bars)
    for bar, time in zip(bars, times, strict=True):
        label = fit_label(bar.label, label_width)
        drawn = draw(bar, largest, Canvas(width=width, is_ascii=canvas.is_ascii))
        line = Text.assemble(f"{label}  {time:>{time_width}}  ", drawn)
        line.rstrip()
        yield line


def fit_label(label: str, width: int) -> str:
    """Pad or cut a label to a width in columns; a cut ends in two dots."""
    if cell_len(label) <= width:
        return set_cell_size(label, width)
    return f"{set_cell_size(label, width - 2)}.."


def draw(bar: Bar, largest: int, canvas: Canvas) -> Text:
    """Draw a bar as a part of the largest, which fills the width."""
    if len([length for length in bar.lengths if length]) > 1:
        return draw_stacked(bar, largest, canvas)
    place = next((i for i, length in enumerate(bar.lengths) if length), 0)
    filling = canvas.fillings[place]
    if canvas.is_ascii or place:
        cells = round_up(bar.length_ms * canvas.width, largest)
        return Text(filling * cells, STYLES[place])
    full, rest = divmod(round_up(bar.length_ms * canvas.width * 8, largest), 8)
    return Text((filling * full + EIGHTHS[rest]).rstrip(), STYLES[place])


def round_up(dividend: int, divisor: int) -> int:
    """Divide and round up, so that small lengths stay visible."""
    return -(-dividend // divisor)


def draw_stacked(bar: Bar, largest: int, canvas: Canvas) -> Text:
    """Draw a bar's segments one after the other."""
    ends = (
        round_up(length * canvas.width, largest)
        for length in accumulate(bar.lengths, initial=0)
    )
    stretches = (after - before for before, after in pairwise(ends))
    return Text.assemble(
        *(
            (canvas.fillings[place] * cells, STYLES[place])
            for place, cells in enumerate(stretches)
        )
    )
