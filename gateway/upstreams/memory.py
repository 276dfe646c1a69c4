"""The digests of stored documents, so that unchanged ones are not decoded again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import orjson

from gateway.dialects.residue import JsonObject

DIGEST_BYTES = 16
# Some 100 MB; the jobs of an upstream beyond that are decoded each time.
MAX_JOBS = 200_000
# Something else may have changed the store meanwhile.
FORGET_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """What is needed of a job without decoding it.

    Attributes:
        instant: See `Kind.instant_of`.
        is_pending: Whether it has not ended.
    """

    identifier: str
    instant: datetime
    is_pending: bool
    finished_at: datetime | None

    def may_change(self, recent: datetime) -> bool:
        """Tell whether the job has not ended, or not before an instant."""
        ended_lately = self.finished_at is not None and self.finished_at >= recent
        return self.is_pending or ended_lately


def to_document_digest(document: JsonObject) -> bytes:
    """Hash a document; empty, which matches nothing, where JSON cannot express it."""
    try:
        return blake2b(orjson.dumps(document), digest_size=DIGEST_BYTES).digest()
    except orjson.JSONEncodeError:
        return b""


class Memory:
    """The last digest of each job that was stored, or was unchanged."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.known: dict[str, tuple[bytes, JobFacts]] = {}
        self.since_s = clock()

    def find(self, identifier: object, digest: bytes) -> JobFacts | None:
        """Look a document up; None where the job's last one was another."""
        known = self.known.get(str(identifier))
        return known[1] if known is not None and digest == known[0] != b"" else None

    def add(self, digest: bytes, facts: JobFacts) -> None:
        """Remember a document."""
        if len(self.known) < MAX_JOBS or facts.identifier in self.known:
            self.known[facts.identifier] = digest, facts

    def refresh(self) -> None:
        """Forget everything, if that is due."""
        if self.clock() - self.since_s >= FORGET_S:
            self.forget()

    def forget(self) -> None:
        """Forget everything."""
        self.known.clear()
        self.since_s = self.clock()
