"""The page about clients: its programs run, in Node, in a browser and in Python."""

import asyncio
import json
import re
import shutil
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, Request, Response, Route, expect

from tests.auth.signing import SECRET, make_claims, make_token
from tests.browser import open_browser, open_visit
from tests.databases import copy_sqlite
from tests.features.front_ends import PAGE, PROJECT, STEPS, Served, serving_files
from tests.features.gateways import running_gateway
from tests.packages import install_npm
from tests.pages import ROOT, Command, Unknown
from tests.readers import Reader, is_run_elsewhere, mask

COMMANDS = [step for step in STEPS if isinstance(step, Command)]
HERE = [step for step in COMMANDS if not is_run_elsewhere(step.text)]
ELSEWHERE = [step.text for step in COMMANDS if is_run_elsewhere(step.text)]
JOBS = ("jobs.ndjson", "running.ndjson")
# In order of creation, the latest first.
NAMES = [
    "train-5",
    "predict-2",
    "train-4",
    "predict-1",
    "train-3",
    "train-2",
    "train-1",
]
ENDED = {
    "jobIdentifier": "train-5",
    "status": "COMPLETED",
    "category": "Training",
    "model": {"identifier": "mnist", "version": "1.1"},
    "createdAt": "2026-03-04T08:00:00Z",
    "startedAt": "2026-03-04T08:00:10Z",
    "finishedAt": "2026-03-04T08:01:10Z",
    "elapsedTime": 60_000,
    "cost": {"amount": "0.04", "currency": "USD"},
    "stdout": "epoch 1: loss 0.41\nepoch 2: loss 0.33\n",
}
# More than a number of JavaScript has digits for.
LONG_MS = 2**62 + 1


@pytest.fixture(scope="module")
async def reader(
    anyio_backend: str,  # noqa: ARG001 -- runs it
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Reader]:
    """A reader of the page who has installed its packages, and done nothing else."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on the PATH")
    folder = tmp_path_factory.mktemp("clients") / "project"
    await install_npm("front-ends", PROJECT, folder)
    reader = Reader(steps=STEPS, folder=folder, replaced={})
    yield reader
    reader.stop()


@pytest.fixture(scope="module")
async def site(reader: Reader) -> AsyncIterator[str]:
    """The origin of the page's files, once all is built."""
    reader.reach(STEPS[-1])
    async with serving_files(reader.folder) as origin:
        yield origin


@pytest.fixture(scope="module")
async def served(
    reader: Reader,
    site: str,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Served]:
    """A gateway that lets the site ask, where each test has an account of its own."""
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("served"))
    async with serving(reader.folder, url, site) as opened:
        yield opened


@pytest.fixture(scope="module")
async def limited(served: Served, site: str) -> AsyncIterator[Served]:
    """Another gateway of the same jobs, where each key may ask once a day."""
    url = served.database_url
    async with serving(served.folder, url, site, "1/day") as opened:
        yield opened


@asynccontextmanager
async def serving(
    folder: Path, url: str, site: str, rate_limit: str = "off"
) -> AsyncIterator[Served]:
    env = {
        "GATEWAY_DATABASE_URL": url,
        "GATEWAY_JWT_SECRET": SECRET,
        "GATEWAY_CORS_ORIGINS": site,
        "GATEWAY_RATE_LIMIT": rate_limit,
    }
    async with running_gateway(env=env) as gateway:
        yield Served(address=gateway.address, folder=folder, database_url=url)


@pytest.fixture(scope="module")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:  # noqa: ARG001 -- runs it
    # A row is asked for again every two seconds, and the machine may be busy.
    expect.set_options(timeout=20_000)
    async with open_browser() as opened:
        yield opened


def test_nothing_is_shown_that_the_tests_cannot_run() -> None:
    assert [step for step in STEPS if isinstance(step, Unknown)] == []


def test_the_packages_that_the_page_names_are_those_that_are_tested() -> None:
    project = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = {re.split("[=~]", each)[0] for each in groups["dependency-groups"]["dev"]}
    needed = {re.split("[=~]", each)[0] for each in groups["project"]["dependencies"]}
    npm, python = to_packages("npm install"), to_packages("pip install")
    assert npm == project["dependencies"].keys() | project["devDependencies"].keys()
    assert python <= pinned | needed
    assert len(python) == 2


def to_packages(command: str) -> set[str]:
    texts = [text for text in ELSEWHERE if text.startswith(command)]
    words = {word for text in texts for word in text.removeprefix(command).split()}
    return words - {"--save-dev"}


def test_links_lead_somewhere() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^):#]+)[)#]", text)
    folder = (ROOT / PAGE).parent
    assert len(targets) > 2
    assert [target for target in targets if not (folder / target).is_file()] == []


@pytest.mark.parametrize("step", HERE, ids=lambda step: step.place)
def test_a_command_does_what_the_page_shows(step: Command, reader: Reader) -> None:
    outcome = reader.reach(step)
    assert outcome.code == 0, outcome.output
    if step.output is not None:
        assert mask(outcome.output) == mask(step.output)


async def test_the_log_of_a_job_is_followed_to_its_end(served: Served) -> None:
    key = await served.fill("follows", *JOBS)
    program = await served.start("node job.js train-5", key)
    assert await program.read_line() == "epoch 1: loss 0.41\n"
    assert await program.read_line() == "train-5 is RUNNING\n"
    await update(served, "follows")
    ended = await program.end()
    assert (
        ended.stdout == "epoch 2: loss 0.33\ntrain-5 is COMPLETED\n60000 ms, 0.04 USD\n"
    )


async def update(served: Served, account: str) -> None:
    """Have the job that runs come to its end."""
    (served.folder / "ended.ndjson").write_text(json.dumps(ENDED))
    await served.fill(account, "ended.ndjson")


async def test_a_walk_reaches_every_job_and_sums_are_exact(served: Served) -> None:
    key = await served.fill("walks", write_history(served.folder))
    expected_ms = LONG_MS + sum(range(1, 250))
    python = await served.run("python -W error walk.py FAILED", key)
    node = await served.run("node report.js", key)
    assert python.stdout == f"250 jobs, {expected_ms} ms, 2.50 USD\n"
    assert node.stdout.splitlines()[0] == "250 jobs: FAILED 250"
    assert node.stdout.splitlines()[-1] == f"{expected_ms} ms lost"
    assert len(set(node.stdout.splitlines())) == 252


def write_history(folder: Path) -> str:
    """Write jobs that fill several pages, many of them created at the same instant."""
    jobs = [
        {
            "jobIdentifier": f"job-{number}",
            "status": "FAILED",
            "createdAt": f"2026-03-02T09:{number % 7:02}:00Z",
            "elapsedTime": number or LONG_MS,
            "cost": {"amount": "0.01", "currency": "USD"},
        }
        for number in range(250)
    ]
    lines = [json.dumps(job) for job in jobs]
    (folder / "history.ndjson").write_text("\n".join(lines))
    return "history.ndjson"


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Paris", "2026-03-28"),
        # The clock changes between midnight there and midnight in UTC.
        ("Australia/Sydney", "2026-04-05"),
        ("America/New_York", "2026-03-07"),
        ("Asia/Kathmandu", "2026-03-08"),
    ],
)
async def test_days_of_a_chart_are_those_of_the_time_zone(
    zone: str, start: str, served: Served
) -> None:
    key = await served.fill("always", write_long_job(served.folder))
    first = date.fromisoformat(start)
    days = [first + timedelta(days=number) for number in range(4)]
    window = f"{days[0]} {days[-1]} {zone}"
    node = await served.run(f"node usage.js {window}", key)
    python = await served.run(f"python -W error usage.py {window}", key)
    hours = list(to_hours(days, ZoneInfo(zone)))
    assert re.findall(r"([\d.]+) min", node.stdout) == [f"{n * 60:.1f}" for n in hours]
    assert re.findall(r"\d+ ms", python.stdout) == [f"{n * 3600_000} ms" for n in hours]
    named = re.findall(r"^[\d-]+", python.stdout, re.MULTILINE)
    assert named == [str(day) for day in days[:3]]


def to_hours(days: list[date], zone: ZoneInfo) -> Iterator[int]:
    """Tell how many hours each day but the last has."""
    midnights = [
        datetime.combine(day, datetime.min.time(), zone).timestamp() for day in days
    ]
    for start, end in pairwise(midnights):
        yield round(end - start) // 3600


def write_long_job(folder: Path) -> str:
    """Write a job that ran for half a year."""
    times = {"createdAt": "2026-01-01T00:00:00Z", "startedAt": "2026-01-01T00:00:00Z"}
    job = {"jobIdentifier": "long", "status": "COMPLETED", "category": "Training"}
    ran = {"elapsedTime": 180 * 24 * 3600_000}
    (folder / "long.ndjson").write_text(json.dumps(job | times | ran))
    return "long.ndjson"


async def test_programs_wait_where_they_have_asked_too_often(
    served: Served, site: str
) -> None:
    keys = {
        "node report.js": await served.fill("waits", *JOBS),
        "python walk.py FAILED": await served.fill(
            "rests", write_history(served.folder)
        ),
    }
    expected = [await served.run(command, key) for command, key in keys.items()]
    async with serving(served.folder, served.database_url, site, "1/second") as limited:
        programs = [await limited.start(command, key) for command, key in keys.items()]
        found = [await program.end() for program in programs]
    assert [each.stdout for each in found] == [each.stdout for each in expected]


@pytest.mark.parametrize(
    "command", ["node job.js train-1", "node report.js", "python walk.py FAILED"]
)
async def test_a_program_does_not_wait_for_a_day(command: str, limited: Served) -> None:
    key = await limited.fill(f"stops {command}", *JOBS)
    ended = [await limited.run(command, key) for _ in range(2)]
    assert ended[1].code == 1
    assert "RATE_LIMITED" in ended[1].stderr


@pytest.mark.parametrize(
    "command", ["node job.js train-1", "node report.js", "python walk.py FAILED"]
)
async def test_a_key_that_does_not_hold_ends_a_program_with_its_code(
    command: str, served: Served
) -> None:
    ended = await served.run(command, "wrong_key.of-nobody")
    assert ended.code == 1
    assert "UNAUTHENTICATED" in ended.stderr


@asynccontextmanager
async def open_table(
    browser: Browser, site: str, gateway: Served, key: str, state: str = ""
) -> AsyncIterator[Page]:
    """Open the table of jobs from its site, and log in."""
    url = f"{site}/table.html?url={gateway.address}/graphql#{state}"
    async with open_visit(browser, url) as visit:
        await visit.page.get_by_label("API key").fill(key)
        await visit.page.get_by_role("button", name="Show jobs").click()
        yield visit.page


async def expect_jobs(page: Page, names: list[str]) -> None:
    cells = page.locator("tbody td:first-child")
    await expect(cells).to_have_text(names)


async def test_the_table_is_turned_both_ways(
    browser: Browser, site: str, served: Served
) -> None:
    key = await served.fill("turns", *JOBS)
    async with open_table(browser, site, served, key) as page:
        await expect(page.get_by_role("status")).to_have_text("7 jobs")
        await expect_jobs(page, NAMES[:3])
        await page.get_by_role("button", name="Next").click()
        await expect_jobs(page, NAMES[3:6])
        await page.get_by_role("button", name="Next").click()
        await expect_jobs(page, NAMES[6:])
        await expect(page.get_by_role("button", name="Next")).to_be_disabled()
        await page.get_by_role("button", name="Previous").click()
        await expect_jobs(page, NAMES[3:6])
        await page.reload()
        await expect_jobs(page, NAMES[3:6])


async def test_the_table_is_filtered_by_what_its_facets_count(
    browser: Browser, site: str, served: Served
) -> None:
    key = await served.fill("filters", *JOBS)
    async with open_table(browser, site, served, key) as page:
        await page.get_by_label("Status").select_option("FAILED (2)")
        await expect_jobs(page, ["train-3", "train-2"])
        models = page.get_by_label("Model").locator("option")
        await expect(models).to_have_text(["all", "mnist 1.0 (1)", "mnist 1.1 (1)"])
        await page.get_by_label("Model").select_option("mnist 1.1 (1)")
        await expect_jobs(page, ["train-3"])
        await page.get_by_label("Status").select_option("all")
        await expect_jobs(page, ["train-5", "train-4", "train-3"])


async def test_the_table_shows_how_a_job_ends(
    browser: Browser, site: str, served: Served
) -> None:
    key = await served.fill("table", *JOBS)
    async with open_table(browser, site, served, key) as page:
        row = page.get_by_role("row", name="train-5")
        await expect(row).to_contain_text("RUNNING")
        await update(served, "table")
        await expect(row).to_contain_text("COMPLETED")
        await expect(row).to_contain_text("60 s")


async def test_the_table_does_not_go_back_to_a_page_that_was_left(
    browser: Browser, site: str, served: Served
) -> None:
    key = await served.fill("leaves", *JOBS)
    left = asyncio.Event()

    async def hold(route: Route) -> None:
        if is_again(route.request):
            await left.wait()
        await route.continue_()

    async with open_table(browser, site, served, key) as page:
        await page.route("**/graphql", hold)
        async with page.expect_response(is_again):
            await page.wait_for_event("request", is_again)
            await page.get_by_role("button", name="Next").click()
            await expect_jobs(page, NAMES[3:6])
            left.set()
        # Whatever the page makes of the answer, it has made of it by then.
        await page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
        await expect_jobs(page, NAMES[3:6])


def is_again(asked: Request | Response) -> bool:
    request = asked.request if isinstance(asked, Response) else asked
    return "query Again" in (request.post_data or "")


async def test_the_table_begins_anew_with_a_cursor_of_another_filter(
    browser: Browser, site: str, served: Served
) -> None:
    key = await served.fill("cursors", *JOBS)
    async with open_table(browser, site, served, key) as page:
        await expect_jobs(page, NAMES[:3])
        await page.get_by_role("button", name="Next").click()
        await expect_jobs(page, NAMES[3:6])
        state = page.url.partition("#")[2]
    changed = f"{state}&status=FAILED"
    async with open_table(browser, site, served, key, changed) as page:
        await expect_jobs(page, ["train-3", "train-2"])


async def test_the_table_asks_again_for_a_key_that_does_not_hold(
    browser: Browser, site: str, served: Served
) -> None:
    key = await served.fill("keys", *JOBS)
    async with open_table(browser, site, served, "wrong_key.of-nobody") as page:
        await expect(page.get_by_role("status")).to_have_text("unknown API key")
        await page.get_by_label("API key").fill(key)
        await page.get_by_role("button", name="Show jobs").click()
        await expect_jobs(page, NAMES[:3])


async def test_the_table_tells_when_to_come_again(
    browser: Browser, site: str, limited: Served
) -> None:
    key = await limited.fill("limits", *JOBS)
    async with open_table(browser, site, limited, key) as page:
        await expect_jobs(page, NAMES[:3])
        await page.get_by_role("button", name="Next").click()
        message = page.get_by_role("status")
        await expect(message).to_have_text(re.compile(r"try again in \d+ s"))


@asynccontextmanager
async def open_relay(
    browser: Browser, site: str, served: Served, *tokens: str
) -> AsyncIterator[Page]:
    """Open Relay's table; its site gives a token, and another each time it is asked."""
    left = list(tokens)

    async def give(route: Route) -> None:
        await route.fulfill(body=left.pop(0))

    async with open_visit(browser, f"{site}/table.html") as visit:
        await visit.page.route("**/token.txt", give)
        await visit.page.goto(f"{site}/relay.html?url={served.address}/graphql")
        yield visit.page


def to_token(account: str, **claims: object) -> str:
    return make_token(make_claims(account=account, **claims))


async def test_relay_adds_pages_and_shows_how_a_job_ends(
    browser: Browser, site: str, served: Served
) -> None:
    await served.fill("relay", *JOBS)
    training = [name for name in NAMES if name.startswith("train")]
    async with open_relay(browser, site, served, to_token("relay")) as page:
        await expect_jobs(page, training[:3])
        await page.get_by_role("button", name="More").click()
        await expect_jobs(page, training)
        await expect(page.get_by_role("button", name="More")).to_be_disabled()
        await update(served, "relay")
        row = page.get_by_role("row", name="train-5")
        await expect(row).to_contain_text("COMPLETED")
        await expect_jobs(page, training)


async def test_relay_gets_another_token_for_one_that_has_expired(
    browser: Browser, site: str, served: Served
) -> None:
    await served.fill("renews", "jobs.ndjson")
    tokens = [to_token("renews", exp=1), to_token("renews")]
    async with open_relay(browser, site, served, *tokens) as page:
        await expect_jobs(page, ["train-4", "train-3", "train-2"])


async def test_relay_shows_what_the_gateway_refuses(
    browser: Browser, site: str, served: Served
) -> None:
    token = to_token("refuses", scope="usage:read")
    async with open_relay(browser, site, served, token) as page:
        await expect(page.get_by_role("alert")).to_contain_text("FORBIDDEN: ")
