"""The id that ties a request, its answer and its log lines together."""

from contextvars import ContextVar

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
