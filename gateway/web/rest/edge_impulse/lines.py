"""Answers requests for the log lines of an Edge Impulse job."""

from http import HTTPStatus

from gateway.dialects.edge_impulse import encode_job
from gateway.dialects.residue import JsonObject
from gateway.records import JobRecord, JsonValue
from gateway.web.reply import MediaType, Reply
from gateway.web.rest.edge_impulse import parameters as given
from gateway.web.rest.edge_impulse.answers import find_job
from gateway.web.rest.routes import Call, to_json_reply

DEFAULT_LEVEL = "info"


async def answer_lines(call: Call) -> Reply:
    """Answer with the last lines, and how many lines have the level."""
    limit, lines = await read_lines(call)
    return to_json_reply(
        {"success": True, "stdout": lines[-limit:], "totalCount": len(lines)}
    )


async def answer_download(call: Call) -> Reply:
    """Answer with the last lines as plain text."""
    limit, lines = await read_lines(call)
    printed = "".join(str(line.get("data") or "") for line in lines[-limit:])
    return Reply(status=HTTPStatus.OK, body=printed.encode(), media_type=MediaType.TEXT)


async def read_lines(call: Call) -> tuple[int, list[JsonObject]]:
    """Give the limit, and all lines of the level or a more severe one."""
    limit = call.query.one(given.LINES) or given.MAX_LINES
    level = call.query.one(given.LEVEL) or given.LEVELS[-1]
    lines = to_lines(await find_job(call))
    wanted = given.LEVELS[: given.LEVELS.index(level) + 1]
    return limit, [line for line in lines if level_of(line) in wanted]


def to_lines(record: JobRecord) -> list[JsonObject]:
    """Give the lines of the source document, or split its text into lines.

    A text does not say when each line was printed; they get the job's last instant.
    """
    document = encode_job(record)
    printed = document.get("stdout")
    if isinstance(printed, list):
        return [line for line in printed if isinstance(line, dict)]
    if not isinstance(printed, str):
        return []
    created: JsonValue = (
        document.get("finished") or document.get("started") or document.get("created")
    )
    return [
        {"created": created, "data": line} for line in printed.splitlines(keepends=True)
    ]


def level_of(line: JsonObject) -> str:
    """Give a line's level; any that Studio does not have counts as `info`."""
    level = str(line.get("logLevel") or "").lower()
    return level if level in given.LEVELS else DEFAULT_LEVEL
