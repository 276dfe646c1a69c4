"""The path and the query string of an upload to what they say of its documents."""

from zoneinfo import ZoneInfo

from gateway.auth.names import parse_project_id
from gateway.auth.principal import Principal
from gateway.dialects.context import DecodeContext
from gateway.dialects.registry import decode_lines
from gateway.errors import (
    DecodeError,
    ForbiddenError,
    InputError,
    NotFoundError,
    RequestError,
)
from gateway.setting_texts import to_zone
from gateway.web.query_string import parse_query_string

OPTIONS = ("project", "timeZone")
# Of 2^63 - 1.
MAX_DIGITS = 19


def check_format(name: str, context: DecodeContext) -> None:
    """Refuse a format that does not exist, in the words of the import.

    Raises:
        NotFoundError: It does not.
    """
    try:
        decode_lines(name, (), context)
    except DecodeError as exc:
        raise NotFoundError(exc.message) from exc


def read_options(
    query_string: bytes, principal: Principal, time_zone: ZoneInfo
) -> DecodeContext:
    """Read what the URL says of all documents.

    Args:
        query_string: `project` and `timeZone`.
        principal: Whose project is the default.
        time_zone: The default.

    Raises:
        RequestError: The URL is not readable, or has something twice.
        InputError: An option is unknown, or has a value it cannot have.
        ForbiddenError: The project is not the credential's.
    """
    project_id = principal.project_id
    given = to_options(query_string)
    if "project" in given:
        asked = to_project(given["project"])
        if project_id not in {None, asked}:
            raise ForbiddenError(
                f"project is {asked}; right is {project_id}, the project of the"
                " credential"
            )
        project_id = asked
    if "timeZone" in given:
        time_zone = to_time_zone(given["timeZone"])
    return DecodeContext(project_id=project_id, time_zone=time_zone)


def to_options(query_string: bytes) -> dict[str, str]:
    """Split a query string."""
    given: dict[str, str] = {}
    for name, value in parse_query_string(query_string):
        if name not in OPTIONS:
            right = " and ".join(OPTIONS)
            raise InputError(f"{name[:40]!r} is no option; the options are {right}")
        if name in given:
            raise RequestError(f"the URL has {name} twice; give it once")
        given[name] = value
    return given


def to_project(text: str) -> int | None:
    """Read the number of a project."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    if not is_number:
        raise InputError(f"project is {text[:40]!r}; give a whole number, 0 or more")
    return parse_project_id(int(text))


def to_time_zone(name: str) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(to_zone(name))
    except ValueError as exc:
        raise InputError(f"timeZone: {exc}") from exc
