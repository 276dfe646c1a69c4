"""Query texts to documents that are within the limits and valid, once for each text."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    value_from_ast_untyped,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.validation import recommended_rules

from gateway.errors import ComplexityError, OperationError
from gateway.query.document.analysis import Analysis, analyse
from gateway.settings import Settings

MAX_DOCUMENTS = 500
MAX_CACHED_LENGTH = 20_000
MAX_MEMOS = 64
MAX_COMMENTS = 500
MAX_ERRORS = 20


class ParseError(Exception):
    """The text is no GraphQL document; `error` has the location."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error.message)
        self.error = error


class InvalidDocumentError(Exception):
    """The document does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of a document, with what is computed once for all its requests.

    Attributes:
        defaults: The default values of its variables, untyped.
        switches: The variables in `@skip` and `@include`: requests with the same values
            for these have the same selection.
        memos: Memoised values by what they depend on.
    """

    document: DocumentNode
    node: OperationDefinitionNode
    analysis: Analysis
    fragments: dict[str, FragmentDetails]
    defaults: Mapping[str, Any]
    switches: tuple[str, ...]
    memos: OrderedDict[Hashable, Any]

    def memoize(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401 -- what `make` makes
        """Call `make` once for a key; the oldest of too many values is dropped."""
        if key not in self.memos:
            self.memos[key] = make()
            if len(self.memos) > MAX_MEMOS:
                self.memos.popitem(last=False)
        return self.memos[key]


class Documents:
    """A process's cache of parsed and validated documents, by text."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self.schema = schema
        self.settings = settings
        self.rules = (*specified_rules, *recommended_rules)
        self.known: OrderedDict[str, Mapping[str | None, Operation]] = OrderedDict()

    def read(self, text: str, operation_name: str | None) -> Operation:
        """Parse and validate a document, unless it is cached, and choose an operation.

        Raises:
            ParseError: The text is no GraphQL document.
            ComplexityError: It has too many tokens, aliases or levels.
            InvalidDocumentError: It does not fit the schema.
            OperationError: It has no such operation, or several and none is named.
        """
        operations = self.known.get(text)
        if operations is None:
            operations = self.prepare(text)
            if len(text) <= MAX_CACHED_LENGTH:
                self.known[text] = operations
            if len(self.known) > MAX_DOCUMENTS:
                self.known.popitem(last=False)
        else:
            self.known.move_to_end(text)
        operation = operations.get(operation_name)
        if operation is None:
            raise to_operation_error(operations, operation_name)
        return operation

    def prepare(self, text: str) -> Mapping[str | None, Operation]:
        """Parse a text, check its limits, validate it."""
        document = self.parse(text)
        operations = {
            node.name.value if node.name else None: node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        try:
            found = {
                name: analyse_operation(self.schema, document, node)
                for name, node in operations.items()
            }
        except RecursionError as exc:
            raise self.too_deep() from exc
        for operation in found.values():
            self.check(operation.analysis)
        errors = validate(self.schema, document, self.rules, max_errors=MAX_ERRORS)
        if errors:
            raise InvalidDocumentError(errors)
        if len(found) == 1:  # it need not be named
            (found[None],) = found.values()
        return found

    def parse(self, text: str) -> DocumentNode:
        """Parse a text."""
        limit = self.settings.max_tokens
        try:
            return parse(text, max_lexical_tokens=limit, max_comments=MAX_COMMENTS)
        except GraphQLSyntaxError as exc:
            if f"more than {limit} tokens" in exc.message:
                raise ComplexityError(
                    f"the document has more than {limit} tokens; ask for less at once"
                ) from exc
            if "nested too deeply" in exc.message:  # the parser's own RecursionError
                raise self.too_deep() from exc
            raise ParseError(exc) from exc

    def too_deep(self) -> ComplexityError:
        """Make the error for a document that nests too deeply to be analysed."""
        return ComplexityError(
            f"the document nests too deeply; at most {self.settings.max_depth} levels"
            " are allowed"
        )

    def check(self, found: Analysis) -> None:
        """Check the limits that do not depend on variables."""
        settings = self.settings
        if found.depth > settings.max_depth:
            raise ComplexityError(
                f"the operation is {found.depth} levels deep; at most"
                f" {settings.max_depth} are allowed"
            )
        if found.aliases > settings.max_aliases:
            raise ComplexityError(
                f"the operation has {found.aliases} aliases; at most"
                f" {settings.max_aliases} are allowed"
            )


def to_operation_error(
    operations: Mapping[str | None, Operation], name: str | None
) -> OperationError:
    """Say why none of a document's operations can be chosen."""
    names = ", ".join(sorted(found for found in operations if found))
    if name is not None:
        return OperationError(
            f"the document has no operation {name!r}; it has {names or 'one unnamed'}"
        )
    if not operations:
        return OperationError("the document has no operation; add a query")
    return OperationError(
        f"the document has {len(operations)} operations; name one in operationName:"
        f" {names}"
    )


def analyse_operation(
    schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode
) -> Operation:
    """Compute what every request of an operation has in common."""
    finder = SwitchFinder()
    visit(document, finder)
    return Operation(
        document=document,
        node=node,
        analysis=analyse(schema, document, node),
        fragments={
            found.name.value: FragmentDetails(found)
            for found in document.definitions
            if isinstance(found, FragmentDefinitionNode)
        },
        defaults={
            found.variable.name.value: value_from_ast_untyped(found.default_value)
            for found in node.variable_definitions or ()
            if found.default_value is not None
        },
        switches=tuple(sorted(finder.names)),
        memos=OrderedDict(),
    )


class SwitchFinder(Visitor):
    """Collects the variables in the arguments of a document's directives."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        """Add the variables among a directive's arguments."""
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names.add(argument.value.name.value)
