import json
import os
import pty
import subprocess
from pathlib import Path

from tests.features.gateways import COMMAND


def create_key(url: str, stderr: int) -> str:
    """Make a key, and give what standard output has."""
    done = subprocess.run(  # noqa: S603 -- our own command
        [COMMAND, "keys", "create", "--account", "acme"],
        env={**os.environ, "GATEWAY_DATABASE_URL": url},  # noqa: TID251 -- given on to the process
        stdout=subprocess.PIPE,
        stderr=stderr,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def test_a_machine_reads_a_line_of_json(sqlite_url: str, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+b") as log:
        key = create_key(sqlite_url, log.fileno())
        log.seek(0)
        line = json.loads(log.readline())
    assert (line["logger"], line["event"]) == ("gateway.audit", "key_created")
    assert line["key_prefix"] == key.partition(".")[0]


def test_a_person_reads_what_the_command_says_alone(sqlite_url: str) -> None:
    ours, theirs = pty.openpty()
    create_key(sqlite_url, theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    assert shown.startswith("keep it now")
    assert "gateway.audit" not in shown
