"""A bounded count reads as far as its bound, however long the list is.

It may do so without an index: any rows will do.
"""

import pytest

from tests.features.asking import Asker
from tests.plans.measuring import is_short, measure
from tests.plans.recording import RecordingDatabase

FILTERS = ("{}", "{status: [COMPLETED]}", '{category: ["category-0"]}')


@pytest.mark.parametrize("found", FILTERS)
async def test_a_list_is_counted_no_further_than_the_limit(
    asker: Asker, history: RecordingDatabase, found: str
) -> None:
    history.take()
    answer = await asker.read(f"{{ jobs(filter: {found}) {{ countUpTo(limit: 10) }} }}")
    work = await measure(history, history.take())
    assert answer["jobs"]["countUpTo"] == 10
    assert is_short(work, history), work


async def test_lists_below_are_counted_no_further_either(
    asker: Asker, history: RecordingDatabase
) -> None:
    models = "{ models(first: 3) { nodes { identifier } } }"
    await asker.read(models)
    history.take()
    await asker.read(models.replace("identifier", "jobs { countUpTo(limit: 10) }"))
    work = await measure(history, history.take())
    assert is_short(work, history), work
