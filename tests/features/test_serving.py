import json
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.features.gateways import running_gateway, to_end
from tests.features.proxies import proxied

UNKNOWN_KEY = {"x-api-key": "nobody.secret"}


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_served_gateway_answers_and_ends_on_a_signal(
    workers: str, number: signal.Signals, sqlite_url: str
) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url}
    async with running_gateway("--workers", workers, env=env) as gateway:
        # Workers take their time to start; until then connections wait.
        async with httpx2.AsyncClient(base_url=gateway.address, timeout=60) as client:
            statuses = [
                (await client.get(path)).status_code
                for path in ("/healthz", "/readyz", "/graphql?query={__typename}")
            ]
        ended = await gateway.stop(number)
    assert statuses == [200, 200, 401]
    assert (ended.code, ended.stdout) == (0, "")
    assert "Traceback" not in ended.stderr


def to_missing(path: Path) -> str:
    return f"sqlite:///{path / 'none.db'}"


def to_missing_folder(path: Path) -> str:
    return f"sqlite:///{path / 'none' / 'none.db'}"


def to_unmigrated(path: Path) -> str:
    with closing(sqlite3.connect(path / "empty.db")) as conn:
        conn.execute("CREATE TABLE other (a)")
    return f"sqlite:///{path / 'empty.db'}"


def to_newer(path: Path) -> str:
    with closing(sqlite3.connect(path / "newer.db")) as conn, conn:
        conn.execute("CREATE TABLE alembic_version (version_num)")
        conn.execute("INSERT INTO alembic_version VALUES ('9999')")
    return f"sqlite:///{path / 'newer.db'}"


def to_no_database(path: Path) -> str:
    path.joinpath("text.db").write_text("not a database, however it is read" * 99)
    return f"sqlite:///{path / 'text.db'}"


def to_unreachable(_: Path) -> str:
    return "postgresql://me:hunter2@127.0.0.1:9/jobs"


@pytest.mark.parametrize(
    ("to_database_url", "reason"),
    [
        (to_missing, "gateway db upgrade"),
        (to_missing_folder, "does not exist"),
        (to_unmigrated, "gateway db upgrade"),
        (to_newer, "newer than this code"),
        (to_no_database, "not a SQLite database"),
        (to_unreachable, "not available"),
        (lambda _: "mongodb://a/b", "sqlite:///PATH or postgresql://"),
    ],
)
async def test_a_database_that_cannot_serve_ends_the_start_with_a_sentence(
    to_database_url: Callable[[Path], str], reason: str, tmp_path: Path
) -> None:
    env = {"GATEWAY_DATABASE_URL": to_database_url(tmp_path)}
    ended = await to_end("serve", "--port", "0", env=env)
    (line,) = ended.stderr.splitlines()
    assert (ended.code, ended.stdout) == (1, "")
    assert line.startswith("error: ")
    assert reason in line
    assert "hunter2" not in line


async def test_a_port_in_use_ends_the_start_with_a_sentence(sqlite_url: str) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await to_end("serve", "--port", port, env=env)
    assert ended.code == 1
    assert ended.stderr == (
        f"error: cannot listen on 127.0.0.1:{port}: the port is in use;"
        " give another with --port\n"
    )


async def test_a_secret_that_is_too_short_ends_the_start_with_a_sentence(
    sqlite_url: str,
) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url, "GATEWAY_JWT_SECRET": "hunter2"}
    ended = await to_end("serve", "--port", "0", env=env)
    assert ended.code == 1
    assert ended.stderr.startswith("error: GATEWAY_JWT_SECRET ")
    assert "hunter2" not in ended.stderr


async def test_a_database_outage_is_told_and_ends_by_itself(
    postgresql_url: str,
) -> None:
    async with proxied(postgresql_url) as proxy:
        env = {
            "GATEWAY_DATABASE_URL": proxy.database_url,
            "GATEWAY_DATABASE_TIMEOUT_S": "1",
        }
        async with (
            running_gateway(env=env) as gateway,
            httpx2.AsyncClient(base_url=gateway.address) as client,
        ):
            before = await ask(client)
            await proxy.cut()
            during = await ask(client)
            await proxy.mend()
            after = await ask(client)
    assert [each.status_code for each in before] == [401, 200]
    assert [each.status_code for each in during] == [503, 503]
    assert [each.headers["retry-after"] for each in during] == ["1", "1"]
    assert [to_code(each) for each in during] == ["OVERLOADED", "OVERLOADED"]
    assert [each.status_code for each in after] == [401, 200]


async def ask(client: httpx2.AsyncClient) -> list[httpx2.Response]:
    """Ask what needs the database: whose a key is, and readiness."""
    query = {"query": "{ viewer { account } }"}
    return [
        await client.post("/graphql", json=query, headers=UNKNOWN_KEY),
        await client.get("/readyz"),
    ]


def to_code(response: httpx2.Response) -> str:
    code: str = json.loads(response.content)["errors"][0]["extensions"]["code"]
    return code
