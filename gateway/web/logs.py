"""Log lines: plain text on a terminal, one JSON object a line elsewhere."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
from typing_extensions import override

from gateway.request_id import current_request_id
from gateway.settings import Settings

# The attributes of every record; the others were given as `extra`.
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

# Below warnings these log nothing useful, or the URLs of requests.
QUIET = ("asyncio", "aiosqlite", "alembic", "httpcore2", "httpx2", "sqlalchemy")


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Send the log lines of the whole process to one stream.

    Args:
        settings: Give the level.
        stream: Standard error by default: commands print results to standard output.
    """
    logging.basicConfig(
        level=settings.log_level.upper(), handlers=[to_handler(stream)], force=True
    )
    # Uvicorn warns of mistakes of clients.
    is_debug = settings.log_level == "debug"
    logging.getLogger("uvicorn").setLevel(logging.INFO if is_debug else logging.ERROR)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs retries without naming what is retried; the callers log both.
    logging.getLogger("stamina").setLevel(logging.ERROR)


def to_handler(stream: TextIO | None = None) -> logging.Handler:
    """Make the handler: plain text for a terminal, JSON for other streams."""
    target = sys.stderr if stream is None else stream
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler = logging.StreamHandler(target)
    handler.setFormatter(plain if target.isatty() else JsonFormatter())
    return handler


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": current_request_id.get(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        known = {name: value for name, value in line.items() if value is not None}
        return orjson.dumps(known, default=str, option=orjson.OPT_UTC_Z).decode()
