"""The path and query string of an upload to the defaults of its documents."""

from zoneinfo import ZoneInfo

from gateway.auth.names import parse_project_id, to_whole_number
from gateway.auth.principal import Principal
from gateway.dialects.context import DecodeContext, parse_log_start
from gateway.dialects.registry import decode_lines
from gateway.dialects.swf import check_log_name
from gateway.errors import (
    DecodeError,
    ForbiddenError,
    InputError,
    NotFoundError,
    RequestError,
)
from gateway.setting_texts import check_zone
from gateway.web.query_string import parse_query_string

OPTIONS = ("project", "timeZone", "start", "log")


def check_format(name: str, context: DecodeContext) -> None:
    """Refuse an unknown format, with the message of the import.

    Raises:
        NotFoundError: It is unknown.
    """
    try:
        decode_lines(name, (), context)
    except DecodeError as exc:
        raise NotFoundError(exc.message) from exc


def parse_options(
    query_string: bytes, principal: Principal, time_zone: ZoneInfo
) -> DecodeContext:
    """Parse the query string to the defaults of what documents do not say.

    Args:
        query_string: `project`, `timeZone`, `start` and `log`.
        principal: Whose project is the default.
        time_zone: The default.

    Raises:
        RequestError: It is malformed, or has an option twice.
        InputError: An option is unknown, or has an invalid value.
        ForbiddenError: The project is not the credential's.
    """
    project_id = principal.project_id
    given = split_options(query_string)
    if "project" in given:
        asked = parse_project_option(given["project"])
        if project_id not in {None, asked}:
            raise ForbiddenError(
                f"project is {asked}; right is {project_id}, the project of the"
                " credential"
            )
        project_id = asked
    if "timeZone" in given:
        time_zone = parse_time_zone_option(given["timeZone"])
    start = parse_log_start("start", given["start"]) if "start" in given else None
    log_name = check_log_name(given["log"]) if "log" in given else None
    return DecodeContext(
        project_id=project_id, time_zone=time_zone, start=start, log_name=log_name
    )


def split_options(query_string: bytes) -> dict[str, str]:
    """Split a query string into options, each given once."""
    given: dict[str, str] = {}
    for name, value in parse_query_string(query_string):
        if name not in OPTIONS:
            right = ", ".join(OPTIONS)
            raise InputError(f"{name[:40]!r} is no option; the options are {right}")
        if name in given:
            raise RequestError(f"the URL has {name} twice; give it once")
        given[name] = value
    return given


def parse_project_option(text: str) -> int | None:
    """Parse the number of a project."""
    number = to_whole_number(text)
    if number is None:
        raise InputError(f"project is {text[:40]!r}; give a whole number, 0 or more")
    return parse_project_id(number)


def parse_time_zone_option(name: str) -> ZoneInfo:
    """Parse the name of a time zone."""
    try:
        return ZoneInfo(check_zone(name))
    except ValueError as exc:
        raise InputError(f"timeZone: {exc}") from exc
