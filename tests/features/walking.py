"""A schema to operations that together reach every field and use every argument."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)

# GraphQL literals to try, by the name of the argument or input field.
Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A field with arguments, and the way to it from the root."""

    path: tuple[str, ...]
    name: str
    field: GraphQLField


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How to walk a schema.

    Attributes:
        values: What arguments are tried with; every argument must have some.
        depth: How many levels of fields are selected below a field.
        short_depth: The same, where an argument is tried.
        excluded: Fields that are left out, such as `Viewer.serverTime`.
    """

    schema: GraphQLSchema
    values: Values
    depth: int
    short_depth: int
    excluded: frozenset[str]

    def operations(self) -> Iterator[str]:
        """Give an operation for each value of each argument of each field."""
        for place in self.places():
            target, depth = get_named_type(place.field.type), self.depth
            for arguments in self.arguments(place.field):
                text = f"{place.name}{arguments} {self.select(target, depth)}"
                depth = self.short_depth
                for parent in reversed(place.path):
                    text = f"{parent} {{ {text} }}"
                yield f"{{ {text} }}"

    def places(self) -> Iterator[Place]:
        """Find each root field, and each other field that takes arguments, once."""
        root = self.schema.query_type
        assert root is not None
        waiting: deque[tuple[tuple[str, ...], GraphQLNamedType]] = deque([((), root)])
        seen = {root.name}
        while waiting:
            path, parent = waiting.popleft()
            for name, field in to_fields(parent).items():
                if field.args or not path:
                    yield Place(path=path, name=name, field=field)
                target = target_of(field)
                if target.name not in seen and is_composite(target):
                    seen.add(target.name)
                    waiting.append(((*path, self.step(name, field)), target))

    def step(self, name: str, field: GraphQLField) -> str:
        """Select one field on the way to another."""
        return f"{name}{next(self.arguments(field))}"

    def select(self, parent: GraphQLNamedType, depth: int) -> str:
        """Select all fields of a type down to a depth."""
        if isinstance(parent, GraphQLInterfaceType):
            parts = [
                f"... on {found.name} {self.select(found, depth)}"
                for found in self.schema.get_possible_types(parent)
            ]
            return f"{{ __typename id {' '.join(parts)} }}"
        found = [
            f"{self.step(name, field)} {self.select(target_of(field), depth - 1)}"
            for name, field in to_fields(parent).items()
            if f"{parent.name}.{name}" not in self.excluded
            and (depth > 1 or not is_composite(target_of(field)))
        ]
        return f"{{ __typename {' '.join(found)} }}" if is_composite(parent) else ""

    def arguments(self, field: GraphQLField) -> Iterator[str]:
        """Give the arguments that are required, then each value of each argument."""
        required = {
            name: self.candidates(name, argument.type)[0]
            for name, argument in field.args.items()
            if is_required_argument(argument)
        }
        yield write(required)
        for name, argument in field.args.items():
            for value in self.candidates(name, argument.type):
                yield write({**required, name: value})

    def candidates(self, name: str, kind: GraphQLInputType) -> list[str]:
        """Give the literals to try for an argument or input field."""
        match kind:
            case GraphQLNonNull():
                return self.candidates(name, kind.of_type)
            case GraphQLList():
                items = self.candidates(name, kind.of_type)
                return [f"[{', '.join(items[:100])}]", *(f"[{item}]" for item in items)]
            case GraphQLEnumType():
                return list(kind.values)
            case GraphQLInputObjectType():
                return [
                    f"{{{inner}: {value}}}"
                    for inner, field in kind.fields.items()
                    for value in self.candidates(inner, field.type)
                ]
            case _:
                return list(self.values[name])


def target_of(field: GraphQLField) -> GraphQLNamedType:
    """Give the type of a field without lists and non-nulls."""
    return get_named_type(field.type)


def to_fields(parent: GraphQLNamedType) -> Mapping[str, GraphQLField]:
    """Give the fields of a type that has some."""
    return parent.fields if is_composite(parent) else {}


def to_readable(schema: GraphQLSchema) -> Sequence[GraphQLNamedType]:
    """Give the types that queries reach, interfaces with what implements them."""
    assert schema.query_type is not None
    found: dict[str, GraphQLNamedType] = {}
    waiting: list[GraphQLNamedType] = [schema.query_type]
    while waiting:
        kind = waiting.pop()
        if kind.name in found:
            continue
        found[kind.name] = kind
        waiting += [target_of(field) for field in to_fields(kind).values()]
        if isinstance(kind, GraphQLInterfaceType):
            waiting += schema.get_possible_types(kind)
    return list(found.values())


def is_composite(
    found: GraphQLNamedType,
) -> TypeGuard[GraphQLObjectType | GraphQLInterfaceType]:
    """Tell a type with fields."""
    return isinstance(found, GraphQLObjectType | GraphQLInterfaceType)


def write(arguments: Mapping[str, str]) -> str:
    """Write arguments."""
    found = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return f"({found})" if found else ""
