from pathlib import Path

import pytest

from tests.benchmarks.datasets import open_home
from tests.benchmarks.measure import Pace
from tests.benchmarks.rounds import measure_data_set

JOBS = "130"
FIGURES = {
    "page of 100 x 5 fields": {"gateway", "core", "driver", "strawberry"},
    "peak memory after all works": {"gateway", "core", "driver", "strawberry"},
    "import gateway (<= 0.1)": {"gateway"},
    "page behind 127 jobs (<= 1.3)": {"gateway"},
    **{
        f"usage: a year by {parts} (<= {bound})": {"gateway"}
        for parts in ("CATEGORY", "MODEL", "DAY in Europe/Paris")
        for bound in (25, 1.5)
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data-sets")


def test_a_data_set_is_made_once(folder: Path) -> None:
    with open_home(folder, ("sqlite",)) as home:
        first = home.find("sqlite", JOBS)
        made_at = (folder / f"{JOBS}.db").stat().st_mtime_ns
        assert home.find("sqlite", JOBS) == first
    assert (folder / f"{JOBS}.db").stat().st_mtime_ns == made_at


async def test_contestants_run_as_processes_and_are_measured(folder: Path) -> None:
    chosen = ("page5", "peak", "import", "depth", "years")
    pace = Pace(rounds=1, requests=2, concurrency=2)
    told: list[str] = []
    with open_home(folder, ("sqlite",)) as home:
        data_set = home.find("sqlite", JOBS)
        lines = await measure_data_set(data_set, data_set, chosen, pace, told.append)
    assert {line.title: set(line.figures) for line in lines} == FIGURES
    assert len(told) == len(chosen)
