"""The schema to random operations, valid and mostly within the limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
)
from hypothesis import strategies as st

from gateway.schema.contract import to_sdl
from tests.oracle.arguments import CursorOf, Draw, Variables
from tests.oracle.values import Vocabulary, values_of

Parent = GraphQLObjectType | GraphQLInterfaceType
MAX_LEVELS = 7
# Objects an operation asks for before it comes to its end: more are over the limits.
MAX_OBJECTS = 20
CONNECTIONS = {"JobConnection", "ModelConnection", "UserConnection"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation with the variables it is sent with."""

    text: str
    variables: Mapping[str, Any]
    project: int | None


@cache
def contract() -> GraphQLSchema:
    """Read the schema that operations are made from."""
    return build_schema(to_sdl())


@st.composite
def operations(
    draw: Draw, vocabulary: Vocabulary, projects: Sequence[int]
) -> Operation:
    """Make an operation for a principal who sees all projects, or one."""
    chosen = draw(st.integers(0, 2 * len(projects)))
    project = projects[chosen] if chosen < len(projects) else None
    return Writer(draw, vocabulary, Variables(draw)).write(project)


@dataclass(slots=True)
class Writer:
    """Writes one operation.

    Attributes:
        budget: How many objects may still be asked for.
        written: The arguments of each field under each alias: they are the same
            wherever the field stands, so that its selections can be merged.
        fragments: Finished fragments by name: type, levels, text.
    """

    draw: Draw
    vocabulary: Vocabulary
    variables: Variables
    budget: int = MAX_OBJECTS
    written: dict[tuple[str, str], str] = field(default_factory=dict)
    fragments: dict[str, tuple[str, int, str]] = field(default_factory=dict)

    def write(self, project: int | None) -> Operation:
        """Write the operation."""
        query = contract().query_type
        if query is None:
            raise TypeError("the schema has no queries")
        selected = self.select(query, MAX_LEVELS)
        declared = self.variables.declared
        variables = f"({', '.join(declared)})" if declared else ""
        fragments = (text for *_, text in self.fragments.values())
        return Operation(
            text="\n".join([f"query Q{variables} {selected}", *fragments]),
            variables=self.variables.sent,
            project=project,
        )

    def select(self, parent: Parent, levels: int) -> str:
        """Write a selection set."""
        most = COUNTS.get(parent.name, 3) if self.budget > 0 else 1
        count = self.draw(st.integers(1, most))
        items = [self.item(parent, levels) for _ in range(count)]
        if parent.name == "UsageSummary":
            items.append("asOf")  # tells the plain side what time it was
        return f"{{ {' '.join(items)} }}"

    def item(self, parent: Parent, levels: int) -> str:
        """Write a field, or a fragment with fields."""
        kind = self.draw(st.integers(0, 19))
        if kind == 19 and levels > 1:
            return self.spread(parent, levels)
        if kind >= 17 or (parent.name == "Node" and kind >= 4):
            return self.inline(parent, levels)
        if kind == 16:
            return f"{self.draw(st.sampled_from(['', 't: ']))}__typename"
        return self.field(parent, levels)

    def inline(self, parent: Parent, levels: int) -> str:
        """Write an inline fragment, on an object type where the parent is none."""
        target = parent
        if parent.name == "Node":
            target = self.object_type(self.draw(st.sampled_from(NODES)))
        named = parent.name == "Node" or self.variables.chance(50)
        condition = f" on {target.name}" if named else ""
        return f"...{condition}{self.directives()} {self.select(target, levels)}"

    def spread(self, parent: Parent, levels: int) -> str:
        """Write a spread of a fragment, a new one or one that is there."""
        fitting = [
            name
            for name, (on, added, _) in self.fragments.items()
            if on == parent.name and added <= levels
        ]
        if fitting and self.variables.chance(50):
            name = self.draw(st.sampled_from(fitting))
        else:
            text = self.select(parent, levels - 1)
            name = f"F{len(self.fragments)}"
            body = f"fragment {name} on {parent.name} {text}"
            self.fragments[name] = (parent.name, levels - 1, body)
        return f"...{name}{self.directives()}"

    def object_type(self, name: str) -> GraphQLObjectType:
        """Look up an object type."""
        found = contract().get_type(name)
        if not isinstance(found, GraphQLObjectType):
            raise TypeError(f"{name} is no object type")
        return found

    def field(self, parent: Parent, levels: int) -> str:
        """Write a field with its alias, arguments, directives and selection."""
        choices = self.choices(parent, levels if self.budget > 0 else 1)
        if not choices:
            return "__typename"
        name = self.draw(st.sampled_from(choices))
        definition = parent.fields[name]
        alias = self.alias(parent, name)
        key = (parent.name, alias or name)
        if key not in self.written:
            self.written[key] = self.arguments(parent, definition, levels)
        target = get_named_type(definition.type)
        self.budget -= not is_leaf(definition)
        inner = "" if is_leaf_type(target) else self.select(target, levels - 1)
        head = f"{alias}: {name}" if alias else name
        return f"{head}{self.written[key]}{self.directives()} {inner}".rstrip()

    def choices(self, parent: Parent, levels: int) -> list[str]:
        """Name the fields to choose from: those that lead on as often as the others."""
        leaves = [n for n, f in parent.fields.items() if is_leaf(f)]
        others = [n for n in parent.fields if n not in leaves] if levels > 1 else []
        weight = max(1, len(leaves) // (2 * len(others))) if others else 1
        found = [*(others * weight), *leaves]
        return [*found, *(n for n in FAVOURITES.get(parent.name, ()) if n in found)]

    def alias(self, parent: Parent, name: str) -> str | None:
        """Choose an alias, which tells the field, and the type where types differ."""
        if parent.name == "User" and name == "status":
            return "userStatus"
        number = self.draw(st.sampled_from([None, None, None, 1, 2]))
        return None if number is None else f"{name}_{number}"

    def directives(self) -> str:
        """Write a directive, seldom."""
        if not self.variables.chance(10):
            return ""
        name = self.draw(st.sampled_from(["skip", "include"]))
        kind = GraphQLNonNull(GraphQLBoolean)
        value = self.draw(st.booleans())
        return f" @{name}(if: {self.variables.write_value(value, kind)})"

    def arguments(self, parent: Parent, definition: GraphQLField, levels: int) -> str:
        """Write the arguments of a field."""
        values = {
            argument: self.draw(values_of(found.type, argument, self.vocabulary))
            for argument, found in definition.args.items()
            if is_required(found) or self.variables.chance(SHARES.get(argument, 25))
        }
        if "endDate" in values and self.variables.chance(95):
            ends = sorted((values["startDate"], values["endDate"]), key=to_instant)
            values["startDate"], values["endDate"] = ends
        if "first" in definition.args:
            self.limit(values, levels)
            self.place(values, parent, definition)
        types = {argument: found.type for argument, found in definition.args.items()}
        texts = [
            f"{argument}: {self.variables.write_value(value, types[argument])}"
            for argument, value in values.items()
        ]
        absent = [found for found in definition.args if found not in values]
        if absent and self.variables.chance(10):
            argument = self.draw(st.sampled_from(absent))
            kind = definition.args[argument].type
            nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
            texts.append(f"{argument}: ${self.variables.declare(str(nullable))}")
        return f"({', '.join(texts)})" if texts else ""

    def limit(self, values: dict[str, Any], levels: int) -> None:
        """Choose the page size: one end only, and small below the root, mostly."""
        both = None not in {values.get("first"), values.get("last")}
        if both and not self.variables.chance(5):
            del values[self.draw(st.sampled_from(["first", "last"]))]
        if levels < MAX_LEVELS and not {"first", "last"} & values.keys():
            values["first"] = self.draw(st.integers(1, 4))
        if self.variables.chance(1):
            values["first"] = self.draw(st.sampled_from([-1, 101]))

    def place(
        self,
        values: dict[str, Any],
        parent: Parent,
        definition: GraphQLField,
    ) -> None:
        """Choose cursors: of this list, or seldom of no list."""
        for argument in ("after", "before"):
            if values.get(argument) is None:
                continue
            values[argument] = CursorOf(
                type_name=item_type(definition) if parent.name != "UsageGroup" else "",
                arguments={
                    key: values[key] for key in ("filter", "orderBy") if key in values
                },
                place=-1 if self.variables.chance(3) else self.draw(st.integers(0, 12)),
            )
            if parent.name == "UsageGroup":
                del values[argument]


NODES = ("Job", "Model", "User")
# Arguments that are given more often, or less, than others, in percent.
SHARES = {
    "filter": 15,
    "after": 40,
    "before": 40,
    "bucket": 60,
    "groupBy": 60,
    "source": 60,
    "version": 60,
}
# How many items a selection has at the most; others have three.
COUNTS = {
    "Query": 4,
    "Job": 6,
    "JobConnection": 5,
    "PageInfo": 5,
    "UsageGroup": 5,
    "UsageMetrics": 4,
}
# What is asked for more often than the rest: where most can differ.
FAVOURITES = {
    "Query": ["jobs", "jobs", "jobs", "models", "users", "nodes", "usageSummary"],
    "Job": ["status", "source", "total", "incrementalId", "failed", "jobInputs"],
    "JobInputItem": ["status"],
    "JobConnection": ["nodes", "edges", "nodes", "pageInfo", "pageInfo", "facets"],
    "JobInputConnection": ["nodes", "pageInfo"],
    "ModelConnection": ["nodes", "edges", "pageInfo"],
    "UserConnection": ["nodes", "edges", "pageInfo"],
    "JobEdge": ["node", "lengthMs"],
    "ModelEdge": ["node"],
    "UserEdge": ["node"],
    "PageInfo": ["hasNextPage", "hasPreviousPage"],
    "UsageSummary": ["summary", "totals"],
}


def to_instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)


def is_leaf(definition: GraphQLField) -> bool:
    """Tell whether a field has no fields below it."""
    return is_leaf_type(get_named_type(definition.type))


def is_required(argument: GraphQLArgument) -> bool:
    """Tell whether a field cannot do without an argument."""
    has_default = argument.default is not None
    return isinstance(argument.type, GraphQLNonNull) and not has_default


def item_type(definition: GraphQLField) -> str:
    """Name what a connection lists."""
    name = get_named_type(definition.type).name.removesuffix("Connection")
    return "JobInputItem" if name == "JobInput" else name
