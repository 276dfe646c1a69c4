"""An operation to both its answers, and to whether they are the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graphql import ExecutionResult, GraphQLError, execute_sync, parse

from gateway.auth.principal import CredentialKind, Principal
from gateway.errors import ErrorCode
from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Operations
from gateway.setting_texts import SCOPES
from tests.oracle.arguments import CursorOf
from tests.oracle.books import read_cursors
from tests.oracle.objects import Plain
from tests.oracle.operations import Operation
from tests.oracle.pages import BAD_CURSOR, Cursor, RefusedError
from tests.oracle.plain_schema import non_null_roots, plain_schema, resolve
from tests.oracle.records import World
from tests.oracle.resolvers import to_root

Payload = Mapping[str, Any]
# What tells one error from another: path, code, places in the document, message.
Signature = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides, with the same data.

    Attributes:
        operations: The gateway's side.
        world: What the plain side answers from.
        cursors: What each of the gateway's cursors stands for.
    """

    operations: Operations
    world: World
    cursors: dict[str, Cursor] = field(default_factory=dict)

    async def compare(self, operation: Operation) -> bool:
        """Compare both answers; not where the operation is beyond a limit."""
        principal = to_principal(self.world.account, operation.project)
        sent, known = await self.fill_in(operation, principal)
        request = GraphqlRequest(query=operation.text, variables=sent)
        payload = (await self.operations.execute(request, principal)).payload
        if ErrorCode.QUERY_TOO_COMPLEX in codes_of(payload):
            return False
        now = find_clock(payload.get("data")) or datetime.now(UTC)
        plain = Plain(world=self.world, principal=principal, now=now)
        expected = execute_sync(
            plain_schema(),
            parse(operation.text),
            to_root(plain),
            variable_values=known,
            field_resolver=resolve,
        )
        self.check(payload, expected)
        return True

    async def fill_in(
        self, operation: Operation, principal: Principal
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give the variables of both sides: they differ in the cursors."""
        sent, known = dict(operation.variables), dict(operation.variables)
        for name, value in operation.variables.items():
            if isinstance(value, CursorOf):
                sent[name], known[name] = await self.take(value, principal)
        return sent, known

    async def take(
        self, wanted: CursorOf, principal: Principal
    ) -> tuple[str | None, Cursor | str | None]:
        """Take a cursor from the gateway's answer; null where the list is empty."""
        if wanted.place < 0:
            return "bm9uZQ==", BAD_CURSOR
        found = await read_cursors(self.operations, self.world, wanted, principal)
        if not found:
            return None, None
        return found[wanted.place % len(found)]

    def check(self, payload: Payload, expected: ExecutionResult) -> None:
        """Compare an answer with what is expected."""
        found = [to_signature(entry) for entry in payload.get("errors", ())]
        errors = [expect(error) for error in expected.errors or ()]
        nulled = {
            key
            for key, value in (expected.data or {}).items()
            if value is None and key.partition("_")[0] in non_null_roots()
        }
        if nulled:
            # Which of several errors ends the operation is left open by the spec.
            assert payload["data"] is None
            assert found
            assert all(any(is_same(f, e) for e in errors) for f in found)
            assert {path[0] for path, *_ in found} & nulled  # type: ignore[index]  # a path
            return
        assert ("data" in payload) == (expected.data is not None)
        self.check_value(payload.get("data"), expected.data)
        assert len(found) == len(errors)
        for one, other in zip(
            sorted(found, key=str), sorted(errors, key=str), strict=True
        ):
            assert is_same(one, other)

    def check_value(self, value: Any, expected: Any) -> None:  # noqa: ANN401 -- response values
        """Compare values, with the order of keys."""
        if isinstance(expected, dict):
            assert list(value) == list(expected)
            for key in expected:
                self.check_value(value[key], expected[key])
        elif isinstance(expected, list):
            assert len(value) == len(expected)
            for one, other in zip(value, expected, strict=True):
                self.check_value(one, other)
        elif isinstance(expected, Cursor):
            assert isinstance(value, str)
            assert self.cursors.setdefault(value, expected) == expected
        else:
            assert value == expected
            assert type(value) is type(expected)


def to_principal(account: str, project: int | None) -> Principal:
    """Give a principal who may do everything, perhaps in one project alone."""
    return Principal(
        account=account,
        project_id=project,
        subject="oracle",
        kind=CredentialKind.JWT,
        scopes=frozenset(SCOPES),
    )


def codes_of(payload: Payload) -> set[str]:
    """Give the codes of an answer's errors."""
    return {entry["extensions"]["code"] for entry in payload.get("errors", ())}


def find_clock(data: Payload | None) -> datetime | None:
    """Give the instant at which the gateway answered, where the answer tells it."""
    for key, value in (data or {}).items():
        if key.startswith(("usageSummary", "viewer")) and value:
            for name, found in value.items():
                if name.startswith(("asOf", "serverTime")):
                    return found  # type: ignore[no-any-return]  # an instant
    return None


def to_signature(entry: Payload) -> Signature:
    """Give what is compared of one of the gateway's errors."""
    path = tuple(entry["path"]) if "path" in entry else None
    places = [(found["line"], found["column"]) for found in entry["locations"]]
    return path, entry["extensions"]["code"], places, entry["message"]


def expect(error: GraphQLError) -> Signature:
    """Say what the gateway makes of one of graphql-core's errors."""
    path = None if error.path is None else tuple(error.path)
    places = [(found.line, found.column) for found in error.locations or ()]
    if isinstance(error.original_error, RefusedError):
        return path, error.original_error.code, places, None
    is_output = path is not None and "cannot represent" in error.message
    code = ErrorCode.INTERNAL_SERVER_ERROR if is_output else ErrorCode.BAD_USER_INPUT
    return path, code, places, error.message


def is_same(found: Signature, expected: Signature) -> bool:
    """Compare errors; the message only where it is GraphQL's."""
    *place, message = expected
    return list(found[:-1]) == place and message in {None, found[-1]}
