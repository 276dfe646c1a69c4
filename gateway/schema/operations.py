"""Answers GraphQL requests: document, scopes, limits, execution, errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from graphql import GraphQLError, OperationType

from gateway.auth.caller import Caller
from gateway.auth.principal import ADMIN, Principal
from gateway.auth.scopes import to_scope_error
from gateway.errors import (
    ComplexityError,
    ErrorCode,
    GatewayError,
    MethodError,
    MissingCredentialError,
    OverloadedError,
)
from gateway.query.document.analysis import count_nodes
from gateway.query.document.documents import (
    Documents,
    InvalidDocumentError,
    Operation,
    ParseError,
)
from gateway.query.document.request import GraphqlRequest
from gateway.query.document.timing import Timings
from gateway.query.plan.pages import PageSizes
from gateway.schema.contract import to_schema
from gateway.schema.errors import Entry, to_entries, to_entry, to_unexpected_entry
from gateway.schema.execution import Prepared, execute_prepared
from gateway.schema.roots import Process
from gateway.schema.subgraph import to_subgraph_schema
from gateway.settings import Settings
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to an operation.

    Attributes:
        payload: `data` and `errors`, ready for JSON except for instants.
        status: The HTTP status for `application/graphql-response+json`.
        retry_after_s: When to try again, if the gateway is overloaded.
    """

    payload: dict[str, Any]
    status: int = HTTPStatus.OK
    retry_after_s: int | None = None


class Operations:
    """Prepares and runs operations; caches documents and plans for the process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.schema = to_subgraph_schema() if settings.federation else to_schema()
        self.documents = Documents(self.schema, settings)
        self.process = Process(
            settings=settings,
            database=database,
            page_sizes=PageSizes(
                default=settings.default_page_size, maximum=settings.max_page_size
            ),
        )

    async def execute(
        self, request: GraphqlRequest, principal: Principal | None
    ) -> Answer:
        """Prepare and run an operation without HTTP.

        Args:
            request: The operation.
            principal: The caller's; None may only introspect.
        """
        caller = None if principal is None else Caller(principal=principal)
        return await self.run(self.prepare(request, caller), Timings())

    def prepare(
        self,
        request: GraphqlRequest,
        caller: Caller | None,
        *,
        allows_mutation: bool = True,
    ) -> Prepared | Answer:
        """Find the operation, and refuse it before any of it runs.

        Args:
            request: As the client sent it.
            caller: None may only introspect.
            allows_mutation: Whether the HTTP method may change anything.

        Returns:
            The argument for `run`: the operation, or the answer that refuses it.
        """
        try:
            operation = self.documents.read(request.query, request.operation_name)
            self.check(operation, request, caller, allows_mutation=allows_mutation)
        except ParseError as exc:
            return refuse(to_entries([exc.error], ErrorCode.GRAPHQL_PARSE_FAILED))
        except InvalidDocumentError as exc:
            return refuse(to_entries(exc.errors, ErrorCode.GRAPHQL_VALIDATION_FAILED))
        except GatewayError as exc:
            return refuse([to_entry(exc)], exc)
        except Exception as exc:  # noqa: BLE001 -- the outermost handler
            return refuse_unexpected(exc)
        return Prepared(
            operation=operation, variables=request.variables or {}, caller=caller
        )

    def check(
        self,
        operation: Operation,
        request: GraphqlRequest,
        caller: Caller | None,
        *,
        allows_mutation: bool,
    ) -> None:
        """Refuse what the HTTP method, the scopes or the limits do not allow."""
        if operation.node.operation is OperationType.MUTATION and not allows_mutation:
            raise MethodError("a mutation cannot come by GET; send POST", allow="POST")
        check_scopes(operation, caller)
        settings = self.settings
        demand, maximum = operation.analysis.demand, settings.max_page_size
        if operation.node.variable_definitions:
            variables = {**operation.defaults, **(request.variables or {})}
            asked = count_nodes(demand, variables, maximum)
        else:
            asked = operation.memoize("nodes", lambda: count_nodes(demand, {}, maximum))
        if asked > settings.max_nodes:
            raise ComplexityError(
                f"the operation asks for up to {asked} nodes by its page sizes; at most"
                f" {settings.max_nodes} are allowed: take smaller pages"
            )

    async def run(self, prepared: Prepared | Answer, timings: Timings) -> Answer:
        """Execute an operation; errors become answers.

        Args:
            prepared: From `prepare`; an answer is returned as it is.
            timings: Records the duration of each stage.
        """
        if isinstance(prepared, Answer):
            return prepared
        try:
            result = await execute_prepared(
                self.schema, self.process, prepared, timings
            )
        except Exception as exc:  # noqa: BLE001 -- the outermost handler
            return refuse_unexpected(exc)
        if result.errors:
            return answer_errors(result.data, result.errors)
        return Answer(payload={"data": result.data})


def check_scopes(operation: Operation, caller: Caller | None) -> None:
    """Refuse an operation that the caller's scopes do not allow.

    Raises:
        MissingCredentialError: There is no credential, and not only introspection.
        ForbiddenError: A field needs a scope that the credential lacks.
    """
    if caller is None:
        if operation.analysis.is_introspection:
            return
        raise MissingCredentialError(
            "no credential; send an API key in x-api-key or a JWT in Authorization:"
            " Bearer"
        )
    principal = caller.principal
    needed = operation.analysis.scopes
    if needed <= principal.scopes or ADMIN in principal.scopes:
        return
    field, scope = min(
        (need.field, need.scope)
        for need in operation.analysis.needs
        if need.scope not in principal.scopes
    )
    raise to_scope_error(field, scope, principal, needed)


def answer_errors(
    data: dict[str, Any] | None, errors: Sequence[GraphQLError]
) -> Answer:
    """Make the answer of an operation that came to errors."""
    entries = to_entries(errors, ErrorCode.BAD_USER_INPUT)
    for error in errors:
        if isinstance(error.original_error, OverloadedError):
            return refuse(entries, error.original_error)
    if data is None and all(error.path is None for error in errors):
        return refuse(entries)
    return Answer(payload={"data": data, "errors": entries})


def refuse(
    entries: Sequence[Entry],
    error: GatewayError | None = None,
    *,
    status: int = HTTPStatus.BAD_REQUEST,
) -> Answer:
    """Make an answer of errors alone, without `data`."""
    is_overload = isinstance(error, OverloadedError)
    return Answer(
        payload={"errors": entries},
        status=error.status if error else status,
        retry_after_s=error.retry_after_s if is_overload else None,  # type: ignore[union-attr]  # it is one
    )


def refuse_unexpected(error: Exception) -> Answer:
    """Log an unexpected error, and make an answer that reveals nothing of it."""
    entry = to_unexpected_entry(error)
    return refuse([entry], status=HTTPStatus.INTERNAL_SERVER_ERROR)
