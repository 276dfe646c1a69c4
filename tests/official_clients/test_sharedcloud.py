"""sharedcloud's command line client, unmodified, at a served gateway."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest

from tests.features.gateways import Ended, to_ended
from tests.official_clients.documents import make_documents
from tests.official_clients.serving import Site, serving
from tests.packages import install_python

JOBS = make_documents("sharedcloud")
SAMPLE = JOBS[0]
STATUSES = {1: "CREATED", 2: "IN_PROGRESS", 3: "SUCCEEDED", 4: "FAILED", 5: "TIMEOUT"}
HEADS = ("UUID", "ID", "STATUS", "COST", "DURATION", "WHEN")
UNKNOWN_JOB = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The installed command, and whose home it runs in."""

    command: Path
    address: str
    home: Path

    async def run(self, *arguments: str) -> Ended:
        """Run `sharedcloud` to its end."""
        return await to_ended(
            await asyncio.create_subprocess_exec(
                self.command,
                *arguments,
                env={"HOME": str(self.home), "SHAREDCLOUD_CLI_URL": self.address},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        )


@pytest.fixture(scope="module")
async def site(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("sharedcloud")
    async with serving("sharedcloud", JOBS, sqlite_template, folder) as served:
        yield served


@pytest.fixture(scope="module")
async def client(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The client of someone who is logged in."""
    project = Path(__file__).with_name("sharedcloud")
    # What it asks for by itself is too old for this Python.
    environment = await install_python(
        "sharedcloud", project / "requirements.txt", "--no-deps"
    )
    return Client(
        command=environment / "bin/sharedcloud",
        address=site.address,
        home=log_in(tmp_path_factory.mktemp("home"), site.key),
    )


def log_in(home: Path, key: str) -> Path:
    """Write the key where `sharedcloud login` would."""
    folder = home / ".sharedcloud"
    folder.mkdir()
    folder.joinpath("client_config").write_text(key)
    return home


def to_cells(table: str) -> list[list[str]]:
    """Take a table apart: its second line has dashes below each column."""
    heads, dashes, *rows = table.splitlines()
    starts = [match.start() for match in re.finditer("-+", dashes)]
    spans = list(zip(starts, [*starts[1:], None], strict=True))
    return [[row[slice(*span)].strip() for span in spans] for row in (heads, *rows)]


async def test_jobs_are_listed_with_all_the_client_shows(client: Client) -> None:
    ended = await client.run("job", "list")
    heads, *rows = to_cells(ended.stdout)
    assert (ended.code, ended.stderr) == (0, "")
    assert heads == [*HEADS, "RUN_UUID", "FUNCTION"]
    # Newest first.
    assert [row[:5] + row[6:] for row in rows] == [
        [
            job["uuid"],
            str(job["incremental_id"]),
            STATUSES[job["status"]],
            f"${job['cost']:.3f}",
            f"{job['duration']} second/s" if job["duration"] else "",
            job["run"],
            job["function_name"],
        ]
        for job in reversed(JOBS)
    ]


async def test_the_client_tells_how_long_ago_by_the_clock_of_the_gateway(
    client: Client,
) -> None:
    ended = await client.run("job", "list")
    *_, sample = to_cells(ended.stdout)
    # Two hours, by the clock that the document came with.
    assert re.fullmatch(r"\d+ years ago", sample[HEADS.index("WHEN")])


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ("logs", "build_logs"),
        ("result", "result"),
        ("stdout", "stdout"),
        ("stderr", "stderr"),
    ],
)
async def test_one_job_tells_what_it_gave(
    client: Client, command: str, field: str
) -> None:
    ended = await client.run("job", command, "--uuid", SAMPLE["uuid"])
    assert ended == Ended(code=0, stdout=f"{SAMPLE[field]}\n", stderr="")


async def test_what_a_job_has_not_given_yet_is_none(client: Client) -> None:
    ended = await client.run("job", "result", "--uuid", JOBS[-1]["uuid"])
    assert (ended.code, ended.stdout) == (0, "\n")


async def test_an_unknown_job_ends_the_client_with_the_reason(client: Client) -> None:
    ended = await client.run("job", "logs", "--uuid", UNKNOWN_JOB)
    assert (ended.code, ended.stderr) == (1, "")
    assert orjson.loads(ended.stdout) == {"detail": "Not found."}


async def test_a_key_that_is_not_known_ends_the_client_with_the_reason(
    client: Client, tmp_path: Path
) -> None:
    stranger = replace(client, home=log_in(tmp_path, "nobody.secret"))
    ended = await stranger.run("job", "list")
    assert (ended.code, ended.stderr) == (1, "")
    assert orjson.loads(ended.stdout) == {"detail": "Invalid token."}
