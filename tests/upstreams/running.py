"""Stand-in upstreams as processes, and `gateway sync` on them."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import orjson

from gateway.dialects.residue import JsonObject
from tests.upstreams.standins import edge_impulse, modzy, sharedcloud

ROOT = Path(__file__).parents[2]
ACCOUNT = "acme"
PATIENCE_S = 60
PREFIXES = {"edge-impulse": "/v1", "modzy": "/api", "sharedcloud": ""}
HEADERS = {
    "edge-impulse": {"x-api-key": edge_impulse.CREDENTIAL},
    "modzy": {"authorization": f"ApiKey {modzy.CREDENTIAL}"},
    "sharedcloud": {"authorization": f"Token {sharedcloud.CREDENTIAL}"},
}
ID_KEYS = {"edge-impulse": "id", "modzy": "jobIdentifier", "sharedcloud": "uuid"}
CREDENTIALS = {
    "edge-impulse": edge_impulse.CREDENTIAL,
    "modzy": modzy.CREDENTIAL,
    "sharedcloud": sharedcloud.CREDENTIAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """A stand-in that runs.

    Attributes:
        client: Asks it, with the credential of its jobs.
        seed: What its jobs and faults follow from, together with its first instant.
    """

    kind: str
    client: httpx2.Client = field(repr=False)
    seed: int
    now: datetime

    @property
    def base_url(self) -> str:
        """What a client of the system is told."""
        return f"{self.client.base_url}".rstrip("/") + PREFIXES[self.kind]

    @property
    def id_key(self) -> str:
        """The field that identifies a job."""
        return ID_KEYS[self.kind]

    def control(self, name: str, **parameters: int) -> bytes:
        """Ask the stand-in itself."""
        return self.client.get(f"/standin/{name}", params=parameters).content

    def begin(self, *, faults_per_mille: int = 0, lies_per_mille: int = 0) -> None:
        """Set it back to the beginning."""
        self.control("begin", faults=faults_per_mille, lies=lies_per_mille)

    def rest(self) -> None:
        """Let all happen that will, so that nothing changes any more."""
        self.control("rest")

    def counts(self) -> Mapping[str, int]:
        """Tell what it was asked since the beginning, and what went wrong."""
        counts: Mapping[str, int] = orjson.loads(self.control("counts"))
        return counts

    def documents(self) -> Sequence[JsonObject]:
        """Give all its jobs, as they are now."""
        return [orjson.loads(line) for line in self.control("documents").splitlines()]


@contextmanager
def running_upstream(
    kind: str, count: int, seed: int, now: datetime | None = None
) -> Iterator[Upstream]:
    """Run a stand-in that has a number of jobs in the end."""
    now = now or datetime.now(UTC).replace(microsecond=0)
    arguments = (kind, str(count), str(seed), now.isoformat())
    process = subprocess.Popen(  # noqa: S603 -- the tests' own server
        (sys.executable, "-m", "tests.upstreams.standins", *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        origin = f"http://127.0.0.1:{int(process.stdout.readline())}"
        with httpx2.Client(
            base_url=origin, headers=HEADERS[kind], timeout=PATIENCE_S
        ) as client:
            yield Upstream(kind=kind, client=client, seed=seed, now=now)
    finally:
        process.kill()
        process.communicate()


def write_upstreams(
    folder: Path, upstreams: Sequence[Upstream], **values: object
) -> Mapping[str, str]:
    """Write the file that names upstreams, and give the settings of a gateway."""
    tables = [{**to_table(upstream), **values} for upstream in upstreams]
    return {
        **{to_variable(each.kind): CREDENTIALS[each.kind] for each in upstreams},
        **write_tables(folder, tables),
        # A killed process does not give its lease back.
        "GATEWAY_SYNC_LEASE_S": "1",
    }


def write_tables(
    folder: Path, tables: Sequence[Mapping[str, object]]
) -> Mapping[str, str]:
    """Write the file that names upstreams, as it is, and give the settings."""
    path = folder / "upstreams.toml"
    path.write_text("\n".join(map(to_toml, tables)))
    return {"GATEWAY_UPSTREAMS_FILE": str(path)}


def to_table(upstream: Upstream) -> Mapping[str, object]:
    """Say of an upstream what the gateway has to know."""
    table = {
        "name": upstream.kind,
        "kind": upstream.kind,
        "base_url": upstream.base_url,
        "account": ACCOUNT,
        "credential_env": to_variable(upstream.kind),
    }
    if upstream.kind == "edge-impulse":
        return table | {"project": edge_impulse.PROJECT, "logs": False}
    return table


def to_variable(kind: str) -> str:
    """Name the variable that has the credential."""
    return f"{kind.replace('-', '_').upper()}_CREDENTIAL"


def to_toml(table: Mapping[str, object]) -> str:
    """Write a table; TOML's simple values are JSON's."""
    lines = (
        f"{key} = {orjson.dumps(value).decode()}\n" for key, value in table.items()
    )
    return f"[[upstreams]]\n{''.join(lines)}"
