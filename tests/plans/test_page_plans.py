"""A page costs what its rows cost, wherever it lies and whatever it is filtered by."""

import pytest

from gateway.settings import read_settings
from tests.features.asking import Asker, to_asker, to_principal
from tests.plans.measuring import Work, is_little, measure
from tests.plans.recording import RecordingDatabase

PAGE = 10
LEFT = 100

# Values that are common, rare, and of the oldest jobs alone.
FILTERS = {
    "nothing": "{}",
    "status": "{status: [COMPLETED, FAILED]}",
    "a rare status": "{status: [TIMEDOUT]}",
    "a status nothing has": "{status: [CANCELED]}",
    "pending": "{statusGroup: PENDING}",
    "terminated": "{statusGroup: TERMINATED}",
    "source": "{source: [MODZY, SHAREDCLOUD]}",
    "project": '{projectId: [1, "2"]}',
    "category": '{category: ["category-0", "category-3"]}',
    "user": '{user: ["user-0"]}',
    "rare user": '{user: ["user-13", "nobody"]}',
    "submittedBy": '{submittedBy: ["key1"]}',
    "model identifier": '{model: {identifier: ["model-0", "model-9"]}}',
    "model name": '{model: {name: ["Model 0"]}}',
    "model version": '{model: {identifier: ["model-1"], version: ["1.0.0"]}}',
    "nothing at all": "{category: []}",
}
ORDERS = (
    "CREATED_AT",
    "SUBMITTED_AT",
    "STARTED_AT",
    "FINISHED_AT",
    "UPDATED_AT",
)
DIRECTIONS = ("ASC", "DESC")
RANGE = '{from: "2025-02-01T00:00:00Z", to: "2025-02-03T00:00:00Z"}'
INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


async def measure_page(
    asker: Asker, history: RecordingDatabase, arguments: str
) -> tuple[Work, str | None]:
    """Ask for a page, and give what it cost and where it ends."""
    query = (
        f"{{ jobs({arguments}) {{ {INFO} nodes {{ createdAt model {{ name }} }} }} }}"
    )
    history.take()
    info = (await asker.read(query))["jobs"]["pageInfo"]
    return await measure(history, history.take()), info["endCursor"]


@pytest.mark.parametrize("found", FILTERS.values(), ids=FILTERS)
async def test_a_filter_reads_only_its_page(
    asker: Asker, history: RecordingDatabase, found: str
) -> None:
    work, end = await measure_page(asker, history, f"first: {PAGE}, filter: {found}")
    assert is_little(work, history), work
    for rest in (f'first: {PAGE}, after: "{end}"', f'last: {PAGE}, before: "{end}"'):
        if end is not None:
            work, _ = await measure_page(asker, history, f"{rest}, filter: {found}")
            assert is_little(work, history), work


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("order", ORDERS)
async def test_an_order_reads_only_its_page(
    asker: Asker, history: RecordingDatabase, order: str, direction: str, end: str
) -> None:
    ordered = f"orderBy: {{field: {order}, direction: {direction}}}"
    work, cursor = await measure_page(asker, history, f"{end}: {PAGE}, {ordered}")
    assert is_little(work, history), work
    for position in ("after", "before"):
        rest = f'{end}: {PAGE}, {position}: "{cursor}", {ordered}'
        work, _ = await measure_page(asker, history, rest)
        assert is_little(work, history), work


@pytest.mark.parametrize("order", ORDERS)
async def test_a_span_of_the_instant_that_orders_reads_only_its_page(
    asker: Asker, history: RecordingDatabase, order: str
) -> None:
    head, *tail = order.lower().split("_")
    field = head + "".join(map(str.title, tail))
    arguments = f"filter: {{{field}: {RANGE}}}, orderBy: {{field: {order}}}"
    work, _ = await measure_page(asker, history, f"first: {PAGE}, {arguments}")
    assert is_little(work, history), work


@pytest.mark.parametrize(
    "field", ["submittedAt", "startedAt", "finishedAt", "updatedAt"]
)
async def test_a_span_of_another_instant_sorts_no_history(
    asker: Asker, history: RecordingDatabase, field: str
) -> None:
    arguments = f"first: {PAGE}, filter: {{{field}: {RANGE}}}"
    work, _ = await measure_page(asker, history, arguments)
    assert not work.scanned
    assert "USE TEMP B-TREE FOR ORDER BY" not in work.plan


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("found", ["{}", "{status: [COMPLETED]}"])
async def test_the_last_pages_cost_what_the_first_does(
    asker: Asker, history: RecordingDatabase, found: str, order: str
) -> None:
    ordered = f"filter: {found}, orderBy: {{field: {order}, direction: ASC}}"
    first, _ = await measure_page(asker, history, f"first: {PAGE}, {ordered}")
    query = f"{{ jobs(last: {LEFT}, {ordered}) {{ {INFO} }} }}"
    far = (await asker.read(query))["jobs"]["pageInfo"]["startCursor"]
    deep, _ = await measure_page(
        asker, history, f'first: {PAGE}, after: "{far}", {ordered}'
    )
    # A page with a cursor asks once more: whether there is something before it. And
    # PostgreSQL may read and sort the few rows that are left.
    assert deep.amount <= 2 * first.amount + 2 * LEFT


async def test_jobs_of_one_instant_are_not_read_from_the_first_of_them(
    history: RecordingDatabase,
) -> None:
    asker = to_asker(read_settings(), history, to_principal("batch"))
    query = f"{{ jobs(last: {LEFT}) {{ {INFO} }} }}"
    far = (await asker.read(query))["jobs"]["pageInfo"]["startCursor"]
    first, _ = await measure_page(asker, history, f"first: {PAGE}")
    deep, _ = await measure_page(asker, history, f'first: {PAGE}, after: "{far}"')
    assert deep.amount <= 2 * first.amount + 2 * LEFT
