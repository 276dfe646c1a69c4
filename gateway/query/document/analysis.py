"""Documents to the depth, aliases, scopes and node counts of their operations.

A fragment is analysed once, however often it is spread: a chain of fragments that each
spread the next twice would otherwise take exponential time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from gateway.query.fields import SizeRule, rules_of

Fielded = (GraphQLObjectType, GraphQLInterfaceType)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededScope:
    """A scope that a field requires, with the field as `Type.field`."""

    scope: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDemand:
    """How many nodes a selection asks for, as a tree of list sizes.

    Attributes:
        pages: Lists of nodes, each with the demand of every node in it.
        parts: Further demands that add up; fragments share theirs.
    """

    pages: tuple[tuple["ListSize", "NodeDemand"], ...] = ()
    parts: tuple["NodeDemand", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSize:
    """The size of a list: that of a variable, else `number`; see `SizeRule.maximum`."""

    number: int
    variable: str | None = None
    maximum: int | None = None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The measures of one operation, or of one fragment.

    Attributes:
        depth: Levels of fields, without introspection.
        aliases: Aliases; those of a fragment count wherever it is spread.
        is_introspection: Whether its top level has only introspection fields.
    """

    depth: int = 0
    aliases: int = 0
    needs: frozenset[NeededScope] = frozenset()
    demand: NodeDemand = field(default_factory=NodeDemand)
    is_introspection: bool = True

    @cached_property
    def scopes(self) -> frozenset[str]:
        """The required scopes."""
        return frozenset(need.scope for need in self.needs)


def analyse(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Analysis:
    """Analyse an operation of a document that has not been validated yet."""
    fragments = {
        found.name.value: found
        for found in document.definitions
        if isinstance(found, FragmentDefinitionNode)
    }
    analyst = Analyst(schema, fragments)
    return analyst.selections(
        operation.selection_set, schema.get_root_type(operation.operation)
    )


class Analyst:
    """One pass over a document, with the analyses of its fragments memoised."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.found: dict[str, Analysis] = {}

    def selections(
        self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None
    ) -> Analysis:
        """Analyse a selection set; without a type, only depth and aliases count."""
        if selections is None:
            return Analysis()
        return merge(self.selection(found, parent) for found in selections.selections)

    def selection(
        self, selection: SelectionNode, parent: GraphQLNamedType | None
    ) -> Analysis:
        """Analyse one selection."""
        match selection:
            case FieldNode():
                return self.field(selection, parent)
            case InlineFragmentNode(type_condition=condition):
                target = condition and self.schema.get_type(condition.name.value)
                return self.selections(selection.selection_set, target or parent)
            case FragmentSpreadNode(name=name):
                return self.fragment(name.value)
            case _:
                return Analysis()

    def fragment(self, name: str) -> Analysis:
        """Analyse a fragment once; a spread of it inside itself is empty."""
        if name in self.found:
            return self.found[name]
        self.found[name] = Analysis()
        if fragment := self.fragments.get(name):
            target = self.schema.get_type(fragment.type_condition.name.value)
            self.found[name] = self.selections(fragment.selection_set, target)
        return self.found[name]

    def field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Analysis:
        """Analyse a field with its subselections."""
        name = node.name.value
        aliases = 1 if node.alias else 0
        if name.startswith("__"):
            return Analysis(aliases=aliases)
        definition = parent.fields.get(name) if isinstance(parent, Fielded) else None
        target = definition and get_named_type(definition.type)
        inner = self.selections(node.selection_set, target)
        rules = rules_of(definition)
        needs = inner.needs
        if rules.scope and parent:
            needs |= {NeededScope(scope=rules.scope, field=f"{parent.name}.{name}")}
        demand = inner.demand
        if rules.size:
            demand = NodeDemand(pages=((list_size_of(node, rules.size), demand),))
        return Analysis(
            depth=inner.depth + 1,
            aliases=inner.aliases + aliases,
            needs=needs,
            demand=demand,
            is_introspection=rules.is_introspection,
        )


def merge(parts: Iterable[Analysis]) -> Analysis:
    """Merge the analyses of the selections of one set."""
    found = tuple(parts)
    demands = tuple(p.demand for p in found if p.demand.pages or p.demand.parts)
    return Analysis(
        depth=max((part.depth for part in found), default=0),
        aliases=sum(part.aliases for part in found),
        needs=frozenset().union(*(part.needs for part in found)),
        demand=demands[0] if len(demands) == 1 else NodeDemand(parts=demands),
        is_introspection=all(part.is_introspection for part in found),
    )


def list_size_of(node: FieldNode, rule: SizeRule) -> ListSize:
    """Read the size of a list from the arguments of a field node."""
    values = {found.name.value: found.value for found in node.arguments or ()}
    for name in rule.arguments:
        match values.get(name):
            case IntValueNode(value=text):
                # A negative size is refused later; it must not offset other sizes.
                return ListSize(number=max(0, int(text[:10])), maximum=rule.maximum)
            case ListValueNode(values=items):
                return ListSize(number=len(items), maximum=rule.maximum)
            case VariableNode(name=variable):
                return ListSize(
                    number=rule.default, variable=variable.value, maximum=rule.maximum
                )
            case _:
                continue
    return ListSize(number=rule.default, maximum=rule.maximum)


def count_nodes(
    demand: NodeDemand, variables: Mapping[str, object], max_page_size: int
) -> int:
    """Count the nodes an operation can ask for.

    Args:
        demand: The operation's.
        variables: As the client sent them, defaults filled in.
        max_page_size: Caps the sizes of pages: larger ones are refused later.
    """
    counted: dict[int, int] = {}

    def count(found: NodeDemand) -> int:
        if id(found) not in counted:
            counted[id(found)] = sum(
                min(resolve_size(size, variables), size.maximum or max_page_size)
                * (1 + count(inner))
                for size, inner in found.pages
            ) + sum(count(part) for part in found.parts)
        return counted[id(found)]

    return count(demand)


def resolve_size(size: ListSize, variables: Mapping[str, object]) -> int:
    """Resolve the size of a list; a variable that is no size is refused later."""
    value = variables.get(size.variable) if size.variable else None
    if isinstance(value, list):
        return len(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(0, value)
    return size.number
