"""Requests to answers: document, limits, scopes, execution, errors, in this order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, OperationType, execute

from gateway.auth.principal import Principal
from gateway.auth.rate_limits import RateUsage
from gateway.auth.scopes import to_scope_error
from gateway.errors import (
    ComplexityError,
    ErrorCode,
    GatewayError,
    MethodError,
    MissingCredentialError,
    OverloadedError,
)
from gateway.query.analysis import count_nodes
from gateway.query.documents import (
    Documents,
    InvalidDocumentError,
    Operation,
    ParseError,
)
from gateway.query.request import GraphqlRequest
from gateway.query.timing import Timings
from gateway.schema.context import Context
from gateway.schema.contract import to_schema
from gateway.schema.direct import execute_directly
from gateway.schema.errors import Entry, to_entries, to_entry, to_unexpected_entry
from gateway.schema.finished import FinishedExecutor
from gateway.schema.subgraph import to_subgraph_schema
from gateway.settings import Settings
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an operation.

    Attributes:
        payload: `data` and `errors`, ready for JSON but for instants.
        status: The HTTP status for `application/graphql-response+json`.
        retry_after_s: When to try again, if it could not be answered now.
    """

    payload: dict[str, Any]
    status: int = HTTPStatus.OK
    retry_after_s: int | None = None


class Operations:
    """Answers the operations of a process, which shares documents and plans."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.schema = to_subgraph_schema() if settings.federation else to_schema()
        self.documents = Documents(self.schema, settings)

    async def execute(
        self,
        request: GraphqlRequest,
        principal: Principal | None,
        *,
        standing: RateUsage | None = None,
        allows_mutation: bool = True,
        request_id: str | None = None,
        timings: Timings | None = None,
    ) -> Answer:
        """Execute one operation; whatever goes wrong becomes an answer.

        Args:
            request: As the client sent it.
            principal: None may only introspect, and that where it is public.
            standing: How much of their rate the caller has used, if there is one.
            allows_mutation: Whether the transport may change things.
            request_id: What ties an unexpected error to its line in the log.
            timings: Takes how long the stages took.
        """
        timings = timings or Timings()
        try:
            with timings.measure("document"):
                operation = self.prepare(request, principal, allows_mutation)
            with timings.measure("execute"):
                result = await self.run(
                    operation, request, principal, standing, timings
                )
        except ParseError as exc:
            code = ErrorCode.GRAPHQL_PARSE_FAILED
            return refuse(to_entries([exc.error], code, request_id))
        except InvalidDocumentError as exc:
            code = ErrorCode.GRAPHQL_VALIDATION_FAILED
            return refuse(to_entries(exc.errors, code, request_id))
        except GatewayError as exc:
            return refuse([to_entry(exc)], exc)
        except Exception as exc:  # noqa: BLE001 -- the outermost handler
            entry = to_unexpected_entry(exc, request_id)
            return refuse([entry], status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return to_answer(result, request_id)

    def prepare(
        self,
        request: GraphqlRequest,
        principal: Principal | None,
        allows_mutation: bool,  # noqa: FBT001 -- of a method of this class alone
    ) -> Operation:
        """Find the operation, and refuse what may not run before anything does."""
        operation = self.documents.read(request.query, request.operation_name)
        if operation.node.operation is OperationType.MUTATION and not allows_mutation:
            raise MethodError("a mutation cannot come by GET; send POST", allow="POST")
        check_principal(operation, principal)
        self.check_size(operation, request)
        return operation

    def check_size(self, operation: Operation, request: GraphqlRequest) -> None:
        """Refuse an operation that asks for more nodes than the limit."""
        settings = self.settings
        demand, maximum = operation.analysis.demand, settings.max_page_size
        if operation.node.variable_definitions:
            variables = {**operation.defaults, **(request.variables or {})}
            asked = count_nodes(demand, variables, maximum)
        else:
            asked = operation.plan("nodes", lambda: count_nodes(demand, {}, maximum))
        if asked > settings.max_nodes:
            raise ComplexityError(
                f"the operation asks for up to {asked} nodes by its page sizes; at most"
                f" {settings.max_nodes} are allowed: take smaller pages"
            )

    async def run(
        self,
        operation: Operation,
        request: GraphqlRequest,
        principal: Principal | None,
        standing: RateUsage | None,
        timings: Timings,
    ) -> ExecutionResult:
        """Execute an operation, by graphql-core where it is not a plain one."""
        context = Context(
            settings=self.settings,
            database=self.database,
            operation=operation,
            principal=principal,
            now=datetime.now(UTC),
            timings=timings,
            standing=standing,
        )
        variables = request.variables or {}
        data = await execute_directly(self.schema, operation, context, variables)
        if data is not None:
            return ExecutionResult(data, None)
        result = execute(
            self.schema,
            operation.document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=request.operation_name,
            executor_class=FinishedExecutor,
        )
        return await result if isawaitable(result) else result


def check_principal(operation: Operation, principal: Principal | None) -> None:
    """Refuse what the caller's scopes do not cover.

    Raises:
        MissingCredentialError: There is no credential and more than introspection.
        ForbiddenError: A field needs a scope the credential lacks.
    """
    if principal is None:
        if operation.analysis.is_introspection:
            return
        raise MissingCredentialError(
            "no credential; send an API key in x-api-key or a JWT in Authorization:"
            " Bearer"
        )
    missing = sorted(
        (need.field, need.scope)
        for need in operation.analysis.needs
        if not principal.has(need.scope)
    )
    if missing:
        field, scope = missing[0]
        raise to_scope_error(
            field, scope, principal, {need.scope for need in operation.analysis.needs}
        )


def to_answer(result: ExecutionResult, request_id: str | None) -> Answer:
    """Make the answer of an executed operation."""
    if not result.errors:
        return Answer(payload={"data": result.data})
    entries = to_entries(result.errors, ErrorCode.BAD_USER_INPUT, request_id)
    for error in result.errors:
        if isinstance(error.original_error, OverloadedError):
            return refuse(entries, error.original_error)
    if result.data is None and all(error.path is None for error in result.errors):
        return refuse(entries)
    return Answer(payload={"data": result.data, "errors": entries})


def refuse(
    entries: Sequence[Entry],
    error: GatewayError | None = None,
    *,
    status: int = HTTPStatus.BAD_REQUEST,
) -> Answer:
    """Make the answer of an operation that was not executed, or not to any use."""
    is_overload = isinstance(error, OverloadedError)
    return Answer(
        payload={"errors": entries},
        status=error.status if error else status,
        retry_after_s=error.retry_after_s if is_overload else None,  # type: ignore[union-attr]  # it is one
    )
