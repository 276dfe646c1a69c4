"""Parses query strings."""

from urllib.parse import parse_qsl

from gateway.errors import RequestError

MAX_PARAMETERS = 50


def parse_query_string(query_string: bytes) -> list[tuple[str, str]]:
    """Parse a query string to names and values, percent-decoded as UTF-8.

    Raises:
        RequestError: It has too many parameters, or is not UTF-8.
    """
    try:
        return parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_PARAMETERS,
        )
    except UnicodeError as exc:
        raise RequestError(
            "the query string is not UTF-8; percent-encode it as UTF-8"
        ) from exc
    except ValueError as exc:
        raise RequestError(
            f"the URL has more than {MAX_PARAMETERS} parameters; give fewer"
        ) from exc
