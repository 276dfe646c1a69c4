"""Every error the gateway raises on purpose, with its code and HTTP status.

GatewayError
├── RequestError            BAD_REQUEST 400
│   ├── BodyTooLargeError   BAD_REQUEST 413
│   ├── MediaTypeError      BAD_REQUEST 415
│   ├── SlowRequestError    BAD_REQUEST 408
│   └── MethodError         BAD_REQUEST 405
├── OperationError          OPERATION_RESOLUTION_FAILURE 400
├── InputError              BAD_USER_INPUT 400
│   └── CursorError         INVALID_CURSOR 400
├── UnauthenticatedError    UNAUTHENTICATED 401
│   └── MissingCredentialError
├── ForbiddenError          FORBIDDEN 403
├── NotFoundError           NOT_FOUND 404
├── ComplexityError         QUERY_TOO_COMPLEX 400
├── RateLimitedError        RATE_LIMITED 429
├── DeadlineError           TIMEOUT 504
├── OverloadedError         OVERLOADED 503
│   └── DatabaseUnavailableError
├── UpstreamError           UPSTREAM_ERROR 502
│   ├── BusyUpstreamError   worth a retry
│   └── LostLeaseError      another process holds the lease
├── DecodeError             BAD_USER_INPUT 400   a document is not in its format
├── UnexpectedError         INTERNAL_SERVER_ERROR 500   a bug
└── StartupError            INTERNAL_SERVER_ERROR 500   the process cannot start
    ├── SettingsError       a setting is missing or wrong
    └── MigrationError      the database is not at the version this code needs
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from typing_extensions import override


class ErrorCode(StrEnum):
    """The closed list of `extensions.code` values; `docs/errors.md` explains each."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    OVERLOADED = "OVERLOADED"
    UPSTREAM_ERROR = "UPSTREAM_ERROR"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class GatewayError(Exception):
    """The root: `message` is for the client, lower case and without a full stop."""

    code = ErrorCode.INTERNAL_SERVER_ERROR
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def extensions(self) -> dict[str, Any]:
        """The `extensions` of a GraphQL error: the code, and details of some errors."""
        return {"code": self.code.value}


class RequestError(GatewayError):
    """The HTTP request is not a GraphQL request."""

    code = ErrorCode.BAD_REQUEST
    status = 400


class BodyTooLargeError(RequestError):
    """The body has more bytes than the limit."""

    status = 413


class MediaTypeError(RequestError):
    """The body is of a media type or encoding the gateway does not read."""

    status = 415


class SlowRequestError(RequestError):
    """The request took too long to come."""

    status = 408


class MethodError(RequestError):
    """The HTTP method does not fit the route or the operation."""

    status = 405

    def __init__(self, message: str, *, allow: str) -> None:
        super().__init__(message)
        self.allow = allow


class OperationError(GatewayError):
    """The document has no operation of the asked name, or several and no name."""

    code = ErrorCode.OPERATION_RESOLUTION_FAILURE
    status = 400


class InputError(GatewayError):
    """An argument or variable has an invalid value."""

    code = ErrorCode.BAD_USER_INPUT
    status = 400


class CursorError(InputError):
    """A cursor is broken, or was made for another list."""

    code = ErrorCode.INVALID_CURSOR


class UnauthenticatedError(GatewayError):
    """There is no credential, or it is not valid."""

    code = ErrorCode.UNAUTHENTICATED
    status = 401


class MissingCredentialError(UnauthenticatedError):
    """There is no credential at all."""


class ForbiddenError(GatewayError):
    """The credential is valid, but lacks a scope the request needs.

    Attributes:
        scopes: All scopes the request needs.
    """

    code = ErrorCode.FORBIDDEN
    status = 403

    def __init__(self, message: str, *, scopes: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.scopes = tuple(sorted(scopes))

    @property
    @override
    def extensions(self) -> dict[str, Any]:
        return super().extensions | {"requiredScopes": self.scopes}


class NotFoundError(GatewayError):
    """It does not exist, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    status = 404


class ComplexityError(GatewayError):
    """The document exceeds a limit."""

    code = ErrorCode.QUERY_TOO_COMPLEX
    status = 400


class RateLimitedError(GatewayError):
    """The client has used up its requests or failed logins for now."""

    code = ErrorCode.RATE_LIMITED
    status = 429

    def __init__(self, message: str, *, retry_after_ms: int) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms

    @property
    def retry_after_s(self) -> int:
        """Whole seconds until a retry can succeed, rounded up."""
        return max(1, -(-self.retry_after_ms // 1000))

    @property
    @override
    def extensions(self) -> dict[str, Any]:
        return super().extensions | {"retryAfterMs": self.retry_after_ms}


class DeadlineError(GatewayError):
    """The request exceeded its time limit; its statements were cancelled."""

    code = ErrorCode.TIMEOUT
    status = 504


class OverloadedError(GatewayError):
    """The gateway cannot answer now; the answer says when to retry."""

    code = ErrorCode.OVERLOADED
    status = 503
    retry_after_s = 1


class DatabaseUnavailableError(OverloadedError):
    """The database cannot be reached, or is not migrated."""


class UpstreamError(GatewayError):
    """A source system's answer is not as documented."""

    code = ErrorCode.UPSTREAM_ERROR
    status = 502


class BusyUpstreamError(UpstreamError):
    """A source system did not answer; a retry may succeed.

    Attributes:
        retry_after_s: Seconds to wait, as the source system says; None if it does not.
        attempts: How many attempts to make in all.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, attempts: int = 10
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.attempts = attempts


class LostLeaseError(UpstreamError):
    """Another process has taken over the lease of an upstream."""


class DecodeError(GatewayError):
    """A document is not in its format; the message names field and value."""

    code = ErrorCode.BAD_USER_INPUT
    status = 400


class UnexpectedError(GatewayError):
    """A bug; its cause is in the log, under the request's id."""

    def __init__(self, request_id: str) -> None:
        super().__init__("unexpected error; report it with this request id")
        self.request_id = request_id

    @property
    @override
    def extensions(self) -> dict[str, Any]:
        return super().extensions | {"requestId": self.request_id}


class StartupError(GatewayError):
    """A command cannot do its work; it prints the message and exits with 1."""


class SettingsError(StartupError):
    """A setting is missing, contradicts another, or has a value it cannot have."""


class MigrationError(StartupError):
    """The database is missing, not migrated, or newer than this code."""
