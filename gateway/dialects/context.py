"""What decoding needs beside the documents."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.errors import InputError
from gateway.instants import parse_rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeContext:
    """What the importer or request says of the documents it brings.

    Attributes:
        project_id: The project the jobs belong to; None is no project.
        time_zone: The zone of sharedcloud's local times.
        start: The start of workload logs whose header has none.
        log_name: The name of workload logs; None is what their header says.
    """

    project_id: int | None
    time_zone: ZoneInfo
    start: datetime | None = None
    log_name: str | None = None


def parse_log_start(option: str, text: str) -> datetime:
    """Parse the start of logs.

    Raises:
        InputError: It is no instant.
    """
    try:
        return parse_rfc3339(text)
    except ValueError as exc:
        raise InputError(
            f"{option} is {text[:40]!r}; give an RFC 3339 instant with an offset, such"
            " as 2001-09-09T01:46:40Z"
        ) from exc
