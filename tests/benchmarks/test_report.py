import pytest

from tests.benchmarks.measure import Rates
from tests.benchmarks.report import Comparison, Line, to_figure, to_table


def make_line(ratio: float) -> Line:
    return Line(
        database="sqlite",
        jobs="lcg",
        title="a page",
        unit="requests/s",
        figures={"gateway": 1234.5, "core": 12.345},
        ratios={"core": Comparison(ratio=ratio, at_least=0.9)},
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (1.234, "1.23"), (12.345, "12.3"), (1234.5, "1,234")],
)
def test_a_figure_has_three_digits_that_count(value: float | None, text: str) -> None:
    assert to_figure(value) == text


@pytest.mark.parametrize(
    ("ratio", "cell"),
    [(0.9, "0.90 (>= 0.9)"), (0.89, "[red]0.89 (>= 0.9) missed[/red]")],
)
def test_a_ratio_below_its_bound_is_told_to_be_missed(ratio: float, cell: str) -> None:
    assert cell in make_line(ratio).to_cells()


def test_all_lines_stand_in_one_table() -> None:
    table = to_table([make_line(1.0), make_line(0.5)])
    assert (table.row_count, len(table.columns)) == (2, 11)


def test_a_ratio_is_the_median_of_those_of_the_rounds() -> None:
    # The machine was ten times slower in the second round.
    rates = Rates({"gateway": [200, 10, 100], "core": [100, 10, 100]})
    assert (rates.median("gateway"), rates.ratio("gateway", "core")) == (100, 1)
