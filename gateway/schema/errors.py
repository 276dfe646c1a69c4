"""Errors to entries of the `errors` of a GraphQL answer, each with its code."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from graphql import GraphQLError

from gateway.errors import ErrorCode, GatewayError
from gateway.request_id import current_request_id

logger = logging.getLogger(__name__)

Entry = dict[str, Any]


def to_entry(error: GatewayError) -> Entry:
    """Make the entry of an error that refuses a whole operation."""
    return {"message": error.message, "extensions": error.extensions}


def to_entries(errors: Iterable[GraphQLError], code: ErrorCode) -> Sequence[Entry]:
    """Make the entries of graphql-core's errors.

    Args:
        errors: From parsing, validation or execution.
        code: The code of errors that graphql-core itself raised.
    """
    return [to_graphql_entry(error, code) for error in errors]


def to_graphql_entry(error: GraphQLError, code: ErrorCode) -> Entry:
    """Make one entry, with the error's locations and path.

    An error without a path is from before execution, so it is about the input.
    """
    original = error.original_error
    if isinstance(original, GatewayError):
        found = to_entry(original)
    elif error.path is None or isinstance(original, GraphQLError | None):
        own = (error.extensions or {}).get("code")
        found = {"message": error.message, "extensions": {"code": own or code.value}}
    else:
        found = to_unexpected_entry(original)
    place: Entry = {}
    if error.locations:
        place["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        place["path"] = list(error.path)
    return {"message": found["message"], **place, "extensions": found["extensions"]}


def to_unexpected_entry(error: Exception) -> Entry:
    """Log an unexpected error; the entry has only the request id for the client."""
    logger.error("an operation failed unexpectedly", exc_info=error)
    extensions = {"code": ErrorCode.INTERNAL_SERVER_ERROR.value}
    if (request_id := current_request_id.get()) is not None:
        extensions["requestId"] = request_id
    return {
        "message": "internal error; the operator finds it in the log by the request id",
        "extensions": extensions,
    }
