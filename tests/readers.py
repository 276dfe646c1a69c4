"""Run the steps of a page in order, in a shell with its own environment and folder."""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.pages import ROOT, Command, File, Question, Step

PATIENCE_S = 120
ADDRESS = "http://127.0.0.1:8000"
LISTENS = re.compile(r"(?:listening on|Job Gateway is at) (http://[\d.:]+)")
INSTALL = r"pip install uv && uv run (?:--no-dev )?"
SERVES = re.compile(rf"(?:{INSTALL})?(gateway (?:serve|demo)\b.*)")
DEMO_KEY = re.compile(r"x-api-key: (\S+)")
# After what installs, what a variable is set to, or a variable for the command alone.
PROGRAM = re.compile(rf"(?:{INSTALL}|(?:export )?\w+=\$\(|\w+=[^$ ]+ )?([\w.-]+)")
JWT = r"eyJ[\w-]+(?:\.[\w-]+){2}"
KEY = r"[\w-]+\.[\w-]{43}(?![\w-])|(?<=prefix )[\w-]+"
# What differs from run to run.
REVISION = r"(?<=revision )\d{4}|(?<=revision: )\d{4}"
VARYING = re.compile(rf"{JWT}|{KEY}|{REVISION}|[\d.]+ s, [\d,]+ jobs/s")
# What commands write to standard error only if it is not a terminal.
AUDIT = re.compile(r'^\{.*"logger":"gateway\.audit".*\}\n?', re.MULTILINE)
# What the steps need of the repository.
CLONED = ("tests", "schema.graphql")


def is_run_elsewhere(text: str) -> bool:
    """Return whether a command installs something or runs the tests."""
    return text.startswith(("pip ", "npm ", "uv ", ".ci/")) and not SERVES.fullmatch(
        text
    )


def to_program(text: str) -> str:
    """Return the name of the program that a command runs."""
    found = PROGRAM.match(text)
    return found[1] if found else text


def mask(text: str) -> str:
    """Replace what differs from run to run."""
    return VARYING.sub("*", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a step: exit code and output of a command, answer to a query."""

    code: int = 0
    output: str = ""
    answer: Any = None


@dataclass(slots=True, kw_only=True)
class Reader:
    """Runs the steps of a page from its top.

    Attributes:
        replaced: Texts of the page, and what stands for them in this run: addresses,
            keys and cursors are added as they appear.
    """

    steps: Sequence[Step]
    folder: Path
    replaced: dict[str, str]
    env: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    served: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        for name in CLONED:
            (self.folder / name).symlink_to(ROOT / name)
        own = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}  # noqa: TID251 -- given on to the processes
        path = f"{Path(sys.executable).parent}{os.pathsep}{own['PATH']}"
        self.env = own | {"PATH": path, "TMPDIR": str(self.folder)}

    def reach(self, step: Step) -> Outcome:
        """Run the steps up to this one, and return its result."""
        position = self.steps.index(step)
        while len(self.outcomes) <= position:
            self.outcomes.append(self.take(self.steps[len(self.outcomes)]))
        return self.outcomes[position]

    def take(self, step: Step) -> Outcome:
        """Run a step, and learn its keys and cursors."""
        match step:
            case Question():
                answer = self.ask(step)
                self.learn_cursors(step.answer, answer)
                return Outcome(answer=answer)
            case Command() if not is_run_elsewhere(step.text):
                outcome = self.run(self.replace(step.text))
                self.learn_keys(step.output or "", outcome.output)
                return outcome
            case File():
                self.save(step)
                return Outcome()
            case _:
                return Outcome()

    def save(self, file: File) -> None:
        """Write a program of the page to its file."""
        path = self.folder / file.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(file.content, encoding="utf-8")

    def replace(self, text: str) -> str:
        """Replace the texts of the page by those of this run."""
        for written, real in self.replaced.items():
            text = text.replace(written, real)
        return text

    def to_real(self, value: object) -> object:
        """Replace the texts in a JSON value of the page by those of this run."""
        return json.loads(self.replace(json.dumps(value)))

    def learn_keys(self, written: str, real: str) -> None:
        """Learn the keys that a command printed, and their prefixes."""
        pairs = zip(re.findall(KEY, written), re.findall(KEY, real), strict=False)
        for old, new in pairs:
            self.replaced[old] = new
            self.replaced[old.partition(".")[0]] = new.partition(".")[0]

    def learn_cursors(self, written: object, real: object) -> None:
        """Learn the cursors of an answer, which are opaque."""
        match written, real:
            case dict(), dict():
                for name in written.keys() & real.keys():
                    if name.lower().endswith("cursor") and written[name]:
                        self.replaced[written[name]] = real[name]
                    self.learn_cursors(written[name], real[name])
            case list(), list():
                for old, new in zip(written, real, strict=False):
                    self.learn_cursors(old, new)
            case _:
                pass

    def ask(self, question: Question) -> object:
        """Send a query with the key that was created last, or that the demo printed."""
        response = httpx2.post(
            f"{self.replaced[ADDRESS]}/graphql",
            json={
                "query": question.query,
                "variables": self.to_real(question.variables),
            },
            headers={"x-api-key": self.env["KEY"]},
        )
        return response.json()

    def run(self, text: str) -> Outcome:
        """Run a command; variables that it sets are kept, and servers go on running."""
        if found := SERVES.fullmatch(text):
            return self.serve(found[1])
        state = self.folder / "state"
        kept = f"env -0 > {shlex.quote(str(state))}"
        done = subprocess.run(  # noqa: S603 -- the commands of our own pages
            ["bash", "-c", f"set -a\n{text}\ncode=$?; {kept}; exit $code"],  # noqa: S607
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            encoding="utf-8",
            timeout=PATIENCE_S,
        )
        pairs = state.read_text(encoding="utf-8").rstrip("\0").split("\0")
        self.env = dict(pair.split("=", 1) for pair in pairs)
        output = AUDIT.sub("", done.stdout).strip()
        return Outcome(code=done.returncode, output=output)

    def serve(self, text: str) -> Outcome:
        """Start a server on a free port (demos with few jobs) and learn its address."""
        if (ended := self.stop()).code != 0:
            return ended
        words = [*shlex.split(re.sub(r" --port \d+", "", text)), "--port", "0"]
        if "demo" in words and "--jobs" not in words:
            words += ["--jobs", "200"]
        with (self.folder / "serve.log").open("wb") as stream:
            self.served = subprocess.Popen(  # noqa: S603 -- `gateway`
                words, cwd=self.folder, env=self.env, stdout=stream, stderr=stream
            )
        until_s = time.monotonic() + PATIENCE_S
        while not (found := LISTENS.search(self.read_log())):
            if self.served.poll() is not None or time.monotonic() > until_s:
                return Outcome(code=1, output=self.read_log())
            time.sleep(0.05)
        self.replaced[ADDRESS] = found[1]
        if key := DEMO_KEY.search(self.read_log()):
            self.env["KEY"] = key[1]
        ready = httpx2.get(f"{found[1]}/readyz", timeout=PATIENCE_S)
        return Outcome(code=0 if ready.is_success else 1)

    def stop(self) -> Outcome:
        """Stop the server, if one runs."""
        if self.served is None:
            return Outcome()
        self.served.terminate()
        code = self.served.wait(PATIENCE_S)
        self.served = None
        return Outcome(code=code, output=self.read_log())

    def read_log(self) -> str:
        """Read the output of the server."""
        return (self.folder / "serve.log").read_text(encoding="utf-8")
