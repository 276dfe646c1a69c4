"""Documents that are stored already, known by their digests: they cost next to nothing.

Most of what a list gives is what it gave a minute ago.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import orjson

from gateway.dialects.residue import JsonObject

DIGEST_BYTES = 16
# Some 100 MB; of an upstream with more jobs the others are decoded each time.
MAX_JOBS = 200_000
# Then everything is looked at anew, lest something else has changed the store.
FORGET_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What has to be known of a job without decoding it.

    Attributes:
        instant: By which lists are walked.
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


def to_digest(document: JsonObject) -> bytes:
    """Hash a document; empty where it has no form in JSON, and matches nothing."""
    try:
        return blake2b(orjson.dumps(document), digest_size=DIGEST_BYTES).digest()
    except orjson.JSONEncodeError:
        return b""


class Memory:
    """The last document of each job that was stored, or was no news."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.known: dict[str, tuple[bytes, Facts]] = {}
        self.since_s = clock()

    def find(self, identifier: object, digest: bytes) -> Facts | None:
        """Give what is known of a document; None: it is another than the last one."""
        known = self.known.get(str(identifier))
        return known[1] if known is not None and digest == known[0] != b"" else None

    def add(self, digest: bytes, facts: Facts) -> None:
        """Note a document that has been dealt with."""
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
