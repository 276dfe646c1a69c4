"""An upstream of one kind, as a process of its own on a free port of loopback.

`python -m tests.upstreams.standins KIND COUNT SEED NOW` prints the port when its jobs
are made. Below `/standin/` tests ask about it: `begin` sets it back to the beginning,
`rest` lets happen all that will, `documents` gives its jobs, one a line, and `counts`
what it was asked.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import replace
from datetime import datetime

import orjson

from tests.upstreams.standins import edge_impulse, modzy, sharedcloud
from tests.upstreams.standins.book import STEPS, Book, make_book
from tests.upstreams.standins.faults import Chance
from tests.upstreams.standins.requests import Answer, Request, Respond, to_json
from tests.upstreams.standins.wire import read_requests, spoil, write_answer

KINDS = {
    "edge-impulse": (edge_impulse.KIND, edge_impulse.respond),
    "modzy": (modzy.KIND, modzy.respond),
    "sharedcloud": (sharedcloud.KIND, sharedcloud.respond),
}


class Standin:
    """The upstream: it goes on with its work the more it is asked.

    Attributes:
        passes: After how many times that all jobs were listed everything has happened.
    """

    passes = 2

    def __init__(self, book: Book, respond: Respond, seed: int) -> None:
        self.book = book
        self.respond = respond
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.chance = Chance(seed=seed, faults_per_mille=0, lies_per_mille=0)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer on a connection until one side has enough."""
        try:
            async for request in read_requests(reader):
                if not await self.answer(request, writer):
                    break
        except ConnectionError:
            pass  # the client is gone
        finally:
            writer.close()

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request, and tell whether the connection is still good."""
        if request.path.startswith("/standin/"):
            return await write_answer(writer, self.control(request), None)
        target = f"{request.path}?{sorted(request.query.items())}"
        fault, lie = self.chance.draw(target)
        answer = spoil(self.respond(replace(request, lie=lie), self.book), fault)
        wrong = [each.name for each in (fault, lie) if each]
        self.counts.update(["requests", f"status {answer.status}", *wrong])
        self.work(answer.jobs)
        return await write_answer(writer, answer, fault)

    def work(self, jobs: int) -> None:
        """Go on, as far as the jobs that were listed since the beginning say."""
        self.counts["jobs"] += jobs
        goal = self.counts["jobs"] * STEPS // (self.passes * len(self.book.first))
        self.book.advance(max(0, goal - self.book.step))

    def control(self, request: Request) -> Answer:
        """Do what a test asks for."""
        name = request.path.rpartition("/")[2]
        if name == "begin":
            self.chance = Chance(
                seed=self.seed,
                faults_per_mille=int(request.query["faults"]),
                lies_per_mille=int(request.query["lies"]),
            )
            self.counts.clear()
            self.book.begin()
        elif name == "rest":
            self.chance.lies_per_mille = 0
            self.book.finish()
        elif name == "documents":
            jobs = (version.document for version in self.book.jobs.values())
            lines = [orjson.dumps(document) for document in jobs]
            return Answer(body=b"\n".join(lines))
        return to_json(dict(self.counts))


async def main(kind_name: str, count: int, seed: int, now: datetime) -> None:
    """Serve until the process is ended."""
    kind, respond = KINDS[kind_name]
    standin = Standin(make_book(kind, count, seed, now), respond, seed)
    standin.book.begin()
    server = await asyncio.start_server(standin.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 -- for the test
    await server.serve_forever()


if __name__ == "__main__":
    name, jobs, number, start = sys.argv[1:]
    asyncio.run(main(name, int(jobs), int(number), datetime.fromisoformat(start)))
