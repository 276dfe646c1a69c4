"""The credential of an upstream, which betrays it, is nowhere to be found."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.settings import read_settings
from gateway.store.database import open_database
from gateway.store.tables import metadata
from tests.auth.sites import serving, to_self_signed
from tests.features.gateways import running_gateway, to_end
from tests.upstreams.betraying import (
    MARK,
    PAIRS,
    Betrayer,
    betraying,
    to_credential,
)
from tests.upstreams.running import ACCOUNT, write_tables

PATIENCE_S = 60
SOURCES = "{ sources { kind name state lastSuccessAt lagMs jobs error } }"
PLACES = (
    *("sync: stdout", "sync: stderr", "serve: stdout", "serve: stderr"),
    *("sources", "tables", "files"),
)
UNTRUSTED = ("modzy", "untrusted")
UNENDED = {"NEVER", "SYNCING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What there is to be read when all upstreams have betrayed.

    Attributes:
        texts: All of it, by places.
    """

    betrayer: Betrayer
    texts: Mapping[str, str]


@pytest.fixture(scope="module")
def aftermath(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    return asyncio.run(betray(shared_url, tmp_path_factory.mktemp("betrayed")))


async def betray(shared_url: str, folder: Path) -> Aftermath:
    """Serve, then sync once, while all upstreams betray what they are asked with."""
    tls = to_self_signed(folder)
    async with betraying() as betrayer, serving({}, tls=tls) as untrusted:
        tables = [
            *(to_table(kind, way, betrayer.address) for kind, way in PAIRS),
            to_table(*UNTRUSTED, untrusted),
        ]
        env = {**to_env(folder, tables), "GATEWAY_DATABASE_URL": shared_url}
        headers = {"x-api-key": await make_key(shared_url)}
        async with running_gateway(env=env) as gateway:
            answer = await wait_for_rounds(gateway.address, headers)
            served = await gateway.stop()
        betrayer.asked.clear()
        synced = await to_end("sync", "--once", env=env, patience_s=PATIENCE_S)
    texts = {
        "sync: stdout": synced.stdout,
        "sync: stderr": synced.stderr,
        "serve: stdout": served.stdout,
        "serve: stderr": served.stderr,
        "sources": answer,
        "tables": await dump(shared_url),
        "files": "".join(map(read, to_files(folder, shared_url))),
    }
    return Aftermath(betrayer=betrayer, texts=texts)


def to_table(kind: str, way: str, address: str) -> dict[str, object]:
    """Name an upstream of the betrayer."""
    return {
        "name": f"{kind}-{way}",
        "kind": kind,
        "base_url": f"{address}/{kind}/{way}",
        "account": ACCOUNT,
        "project": 42,
        "credential_env": to_variable(kind, way),
    }


def to_variable(kind: str, way: str) -> str:
    """Name the variable that has a credential."""
    return f"{kind}_{way}".replace("-", "_").upper()


def to_env(folder: Path, tables: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Give the settings of a gateway that tells all it can in its log."""
    credentials = {
        to_variable(kind, way): to_credential(kind, way)
        for kind, way in (*PAIRS, UNTRUSTED)
    }
    return {
        **credentials,
        **write_tables(folder, tables),
        "GATEWAY_LOG_LEVEL": "debug",
    }


async def make_key(url: str) -> str:
    """Make an API key of the account."""
    database = open_database(read_settings(database_url=url))
    request = KeyRequest(account=ACCOUNT, scopes=["admin", "jobs:read"])
    issued = await issue_key(database, request)
    await database.close()
    return issued.text


async def wait_for_rounds(address: str, headers: Mapping[str, str]) -> str:
    """Ask how the upstreams are until a round of each has ended; give the answer."""
    until_s = time.monotonic() + PATIENCE_S
    async with httpx2.AsyncClient(base_url=address, headers=headers) as client:
        while True:
            response = await client.post("/graphql", json={"query": SOURCES})
            sources = response.json()["data"]["sources"]
            ended = [each for each in sources if each["state"] not in UNENDED]
            if len(ended) == len(PAIRS) + 1:
                return response.text
            assert time.monotonic() < until_s, response.text
            await asyncio.sleep(0.2)


async def dump(url: str) -> str:
    """Read all rows of all tables."""
    database = open_database(read_settings(database_url=url))
    async with database.reader.connect() as conn:
        rows = [
            row
            for table in metadata.sorted_tables
            for row in (await conn.execute(select(table))).all()
        ]
    await database.close()
    return "\n".join(map(str, rows))


def to_files(folder: Path, url: str) -> Iterator[Path]:
    """Find the files that were given and made, SQLite's own, too."""
    yield from folder.iterdir()
    if url.startswith("sqlite:///"):
        yield from Path(url.removeprefix("sqlite:///")).parent.iterdir()


def read(path: Path) -> str:
    """Read a file, whatever it is."""
    return path.read_bytes().decode("latin-1")


@pytest.mark.parametrize("place", PLACES)
def test_a_credential_is_nowhere_to_be_found(aftermath: Aftermath, place: str) -> None:
    found = [line for line in aftermath.texts[place].splitlines() if MARK in line]
    assert found == []


def test_each_upstream_was_shown_its_own_credential_and_no_other(
    aftermath: Aftermath,
) -> None:
    assert aftermath.betrayer.shown == {
        f"{kind}/{way}": {to_credential(kind, way)} for kind, way in PAIRS
    }


def test_another_host_was_not_asked(aftermath: Aftermath) -> None:
    assert aftermath.betrayer.visits == 0


@pytest.mark.parametrize("place", ["sync: stderr", "serve: stderr", "sources"])
def test_each_failure_is_told(aftermath: Aftermath, place: str) -> None:
    pairs = [*PAIRS, UNTRUSTED]
    names = {f"{kind}-{way}" for kind, way in pairs if way != "readable-job"}
    assert {name for name in names if name not in aftermath.texts[place]} == set()
