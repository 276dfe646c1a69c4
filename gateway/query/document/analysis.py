"""Documents to what each operation costs and needs, in one memoised pass.

A fragment is looked at once, however often and however deeply it is spread: fragments
that each spread the next twice would otherwise take a time that doubles with each.
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
class Need:
    """A scope that a field needs, with the field's name as a client knows it."""

    scope: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How many nodes a selection asks for, before the sizes of pages are known.

    Attributes:
        pages: Lists of nodes, each with what is asked of every node in it.
        parts: What is asked beside them, shared between all places that ask it.
    """

    pages: tuple[tuple["Size", "Demand"], ...] = ()
    parts: tuple["Demand", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of a list: a number, or a variable's; see `SizeRule.maximum`."""

    number: int
    variable: str | None = None
    maximum: int | None = None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What one operation, or one fragment, amounts to.

    Attributes:
        depth: Levels of fields, those of introspection apart.
        aliases: Aliases, once for each place they come to stand in.
        is_introspection: Whether no field but introspection is asked for at its top.
    """

    depth: int = 0
    aliases: int = 0
    needs: frozenset[Need] = frozenset()
    demand: Demand = field(default_factory=Demand)
    is_introspection: bool = True

    @cached_property
    def scopes(self) -> frozenset[str]:
        """The scopes that are needed."""
        return frozenset(need.scope for need in self.needs)


def analyse(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Analysis:
    """Analyse an operation of a document that may yet turn out to be invalid."""
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
    """The pass over one document, with what it found of each fragment."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.found: dict[str, Analysis] = {}

    def selections(
        self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None
    ) -> Analysis:
        """Analyse a selection set on a type; an unknown type counts for nothing."""
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
        """Analyse a fragment once; one that spreads itself counts for nothing there."""
        if name in self.found:
            return self.found[name]
        self.found[name] = Analysis()
        if fragment := self.fragments.get(name):
            target = self.schema.get_type(fragment.type_condition.name.value)
            self.found[name] = self.selections(fragment.selection_set, target)
        return self.found[name]

    def field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Analysis:
        """Analyse a field with all that is below it."""
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
            needs |= {Need(scope=rules.scope, field=f"{parent.name}.{name}")}
        return Analysis(
            depth=inner.depth + 1,
            aliases=inner.aliases + aliases,
            needs=needs,
            demand=to_demand(node, rules.size, inner.demand),
            is_introspection=rules.is_introspection,
        )


def merge(parts: Iterable[Analysis]) -> Analysis:
    """Join what the selections of one set amount to."""
    found = tuple(parts)
    demands = tuple(p.demand for p in found if p.demand.pages or p.demand.parts)
    return Analysis(
        depth=max((part.depth for part in found), default=0),
        aliases=sum(part.aliases for part in found),
        needs=frozenset().union(*(part.needs for part in found)),
        demand=demands[0] if len(demands) == 1 else Demand(parts=demands),
        is_introspection=all(part.is_introspection for part in found),
    )


def to_demand(node: FieldNode, rule: SizeRule | None, inner: Demand) -> Demand:
    """Say how many nodes a field asks for."""
    return Demand(pages=((to_size(node, rule), inner),)) if rule else inner


def to_size(node: FieldNode, rule: SizeRule) -> Size:
    """Read the size of a list off the field's arguments."""
    values = {found.name.value: found.value for found in node.arguments or ()}
    for name in rule.arguments:
        match values.get(name):
            case IntValueNode(value=text):
                # A negative size, refused later, is not to make up for others.
                return Size(number=max(0, int(text[:10])), maximum=rule.maximum)
            case ListValueNode(values=items):
                return Size(number=len(items), maximum=rule.maximum)
            case VariableNode(name=variable):
                return Size(
                    number=rule.default, variable=variable.value, maximum=rule.maximum
                )
            case _:
                continue
    return Size(number=rule.default, maximum=rule.maximum)


def count_nodes(
    demand: Demand, variables: Mapping[str, object], max_page_size: int
) -> int:
    """Count the nodes an operation can ask for.

    Args:
        demand: The operation's.
        variables: As the client sent them, defaults filled in.
        max_page_size: What a larger page counts as: it is refused later.
    """
    counted: dict[int, int] = {}

    def count(found: Demand) -> int:
        if id(found) not in counted:
            counted[id(found)] = sum(
                min(to_number(size, variables), size.maximum or max_page_size)
                * (1 + count(inner))
                for size, inner in found.pages
            ) + sum(count(part) for part in found.parts)
        return counted[id(found)]

    return count(demand)


def to_number(size: Size, variables: Mapping[str, object]) -> int:
    """Give the size of a list; a value that is no size is refused later."""
    value = variables.get(size.variable) if size.variable else None
    if isinstance(value, list):
        return len(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(0, value)
    return size.number
