"""Upstreams that give away the credential they are asked with, in every way."""

import asyncio
import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.auth.sites import to_answer

# Part of every credential, and of nothing else.
MARK = "hunter2"
KINDS = ("edge-impulse", "modzy", "sharedcloud")
# So often an upstream fails in a way that may pass; then it refuses.
FAILURES = 2
SHOWN = re.compile(rf"{MARK}\S+{MARK}")
# Asks for a page behind the first.
LATER = re.compile(r"[?&](?:page=(?!1\D)|offset=(?!0\D))")
JSON = "content-type: application/json\r\n"


def to_credential(kind: str, way: str) -> str:
    """Make the credential of an upstream: in JSON it may be written in two ways."""
    return f"{MARK}/{kind}/{way}/{MARK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an upstream knows that is asked.

    Attributes:
        is_first: Whether for the first page, or for something that has no pages.
        elsewhere: The address of another host.
    """

    kind: str
    credential: str
    is_first: bool
    elsewhere: str


def unauthorized(asked: Asked) -> bytes:
    """Say which credential is wrong, in the body and in headers."""
    credential = asked.credential
    body = json.dumps({"success": False, "error": credential, "message": credential})
    headers = f"www-authenticate: Token {credential}\r\nset-cookie: a={credential}\r\n"
    return to_answer(body.encode(), status="401 Unauthorized", headers=JSON + headers)


def broken(asked: Asked) -> bytes:
    """Fail with a page of what was asked."""
    credential = asked.credential
    body = f"<h1>Oops</h1> Authorization: {credential}".encode()
    return to_answer(body, status="500 Internal Server Error")


def escaped(asked: Asked) -> bytes:
    """Fail with JSON whose slashes are escaped."""
    credential = asked.credential
    body = json.dumps({"success": False, "error": credential, "detail": credential})
    escaped_body = body.replace("/", "\\/").encode()
    return to_answer(escaped_body, status="400 Bad Request", headers=JSON)


def failed(asked: Asked) -> bytes:
    """Fail in a 200."""
    credential = asked.credential
    body = json.dumps({"success": False, "error": f"bad key {credential}"})
    return to_answer(body.encode(), headers=JSON)


def redirecting(asked: Asked) -> bytes:
    """Send the client to another host."""
    credential = asked.credential
    location = f"location: {asked.elsewhere}/?key={credential}\r\n"
    return to_answer(status="302 Found", headers=location)


def malformed(asked: Asked) -> bytes:
    """Answer what is nearly JSON."""
    credential = asked.credential
    return to_answer(f'[{{"a": {credential}'.encode(), headers=JSON)


def noise(asked: Asked) -> bytes:
    """Answer what is no HTTP."""
    credential = asked.credential
    return f"{credential} {credential}\r\n{credential}\r\n\r\n".encode()


def wrong_header(asked: Asked) -> bytes:
    """Answer with a header line that is none."""
    credential = asked.credential
    return f"HTTP/1.1 200 OK\r\n{credential} :: {credential}\r\n\r\n".encode()


def cut(asked: Asked) -> bytes:
    """End in the middle of the body."""
    credential = asked.credential
    return to_answer(f'["{credential}", "'.encode() * 9, headers=JSON)[:-9]


def unreadable_job(asked: Asked) -> bytes:
    """Give a job that cannot be read, on the first page."""
    created = dict.fromkeys(("created", "createdAt", "created_at"), asked.credential)
    return to_job_list(asked, created)


def readable_job(asked: Asked) -> bytes:
    """Give a job that tells who asked, on the first page."""
    instant = "2026-05-01T12:00:00Z"
    created = {"created": instant, "createdAt": instant}
    local = {"created_at": "01-05-2026 12:00:00", "status": 3}
    return to_job_list(asked, {**created, **local})


def to_job_list(asked: Asked, values: Mapping[str, object]) -> bytes:
    """Give one job that tells the credential, in the form of its kind."""
    identifiers = {"id": 5, "jobIdentifier": "five", "uuid": "five"}
    betrayed = dict.fromkeys(
        ("key", "label", "result", "stdout", "stderr", "build_logs", asked.credential),
        asked.credential,
    )
    job = {**identifiers, **values, **betrayed}
    jobs = [job] if asked.is_first else []
    answer = {"success": True, "jobs": jobs, "totalJobCount": 1, "job": job}
    answer |= {"summary": [], "stdout": []}
    body = json.dumps(answer if asked.kind == "edge-impulse" else jobs)
    return to_answer(body.encode(), headers=JSON)


# Ways that are the same for all kinds, and ways in which each has its own answers.
ANY_KIND: Mapping[str, Callable[[Asked], bytes]] = {
    "broken": broken,
    "redirecting": redirecting,
    "noise": noise,
    "wrong-header": wrong_header,
    "cut": cut,
}
EACH_KIND: Mapping[str, Callable[[Asked], bytes]] = {
    "unauthorized": unauthorized,
    "escaped": escaped,
    "failed": failed,
    "malformed": malformed,
    "unreadable-job": unreadable_job,
    "readable-job": readable_job,
}
WAYS = {**ANY_KIND, **EACH_KIND}
PAIRS = [
    *(("modzy", way) for way in ANY_KIND),
    *((kind, way) for kind in KINDS for way in EACH_KIND),
]


@dataclass(slots=True, kw_only=True)
class Betrayer:
    """A server of many upstreams, each at a path of its own.

    Attributes:
        shown: Which credentials were shown at which path.
        visits: How many connections the other host saw.
    """

    address: str = ""
    elsewhere: str = ""
    shown: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    asked: Counter[str] = field(default_factory=Counter)
    visits: int = 0

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request in the way of its path."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        _, kind, way, *_ = head.split(" ")[1].split("/")
        self.shown[f"{kind}/{way}"] |= set(SHOWN.findall(head))
        self.asked[f"{kind}/{way}"] += 1
        asked = Asked(
            kind=kind,
            credential=to_credential(kind, way),
            is_first=not LATER.search(head),
            elsewhere=self.elsewhere,
        )
        is_patient = self.asked[f"{kind}/{way}"] <= FAILURES or "job" in way
        writer.write((WAYS[way] if is_patient else unauthorized)(asked))
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async def visit(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Count a visit to the other host."""
        self.visits += 1
        writer.close()


@asynccontextmanager
async def betraying() -> AsyncIterator[Betrayer]:
    """Run all of them."""
    betrayer = Betrayer()
    async with (
        await asyncio.start_server(betrayer.answer, "127.0.0.1", 0) as server,
        await asyncio.start_server(betrayer.visit, "127.0.0.1", 0) as other,
    ):
        betrayer.address, betrayer.elsewhere = map(to_address, (server, other))
        yield betrayer


def to_address(server: asyncio.Server) -> str:
    """Tell where a server listens."""
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
