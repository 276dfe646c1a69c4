"""Values of arguments to how they are written: as literals, variables, or in part."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorOf:
    """A cursor that is yet to be taken from an earlier answer.

    Attributes:
        type_name: What the list is of.
        arguments: The list's filter and order.
        place: Which of its rows, taken from the start again behind its end.
    """

    type_name: str
    arguments: Mapping[str, Any]
    place: int


@dataclass(slots=True)
class Variables:
    """The variables of an operation, while it is being written.

    Attributes:
        declared: Their declarations.
        sent: The values of those that are sent.
    """

    draw: Draw
    declared: list[str] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)

    def chance(self, percent: int) -> bool:
        """Tell whether something happens that does so seldom, or not."""
        return bool(self.draw(st.integers(0, 99)) >= 100 - percent)

    def write_value(self, value: Any, kind: GraphQLInputType) -> str:  # noqa: ANN401 -- any JSON value
        """Write a value, or a variable that has it, or of which a part is one."""
        if isinstance(value, CursorOf) or self.chance(25):
            return f"${self.declare_value(value, kind)}"
        nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(value, list) and isinstance(nullable, GraphQLList):
            items = (self.write_value(item, nullable.of_type) for item in value)
            return f"[{', '.join(items)}]"
        if isinstance(value, dict) and isinstance(nullable, GraphQLInputObjectType):
            fields = (
                f"{name}: {self.write_value(item, nullable.fields[name].type)}"
                for name, item in value.items()
            )
            return f"{{{', '.join(fields)}}}"
        return to_literal(value, kind)

    def declare_value(self, value: Any, kind: GraphQLInputType) -> str:  # noqa: ANN401 -- any JSON value
        """Declare a variable: sent, or its default, or both."""
        if isinstance(value, CursorOf):
            name = self.declare(str(kind))
            self.sent[name] = value
            return name
        is_nullable = not isinstance(kind, GraphQLNonNull)
        strict = is_nullable and value is not None and self.chance(30)
        declared = f"{kind}!" if strict else str(kind)
        form = self.draw(st.sampled_from(["sent", "sent", "default", "both"]))
        if form == "sent":
            name = self.declare(declared)
        elif form == "default":
            return self.declare(f"{declared} = {to_literal(value, kind)}")
        else:
            name = self.declare(f"{declared} = {to_literal(value, kind)}")
        self.sent[name] = value
        return name

    def declare(self, kind: str) -> str:
        """Declare a variable and give its name."""
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {kind}")
        return name


def to_literal(value: Any, kind: GraphQLInputType) -> str:  # noqa: ANN401 -- any JSON value
    """Write a value in the query language."""
    nullable = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is None:
        return "null"
    if isinstance(value, list) and isinstance(nullable, GraphQLList):
        return f"[{', '.join(to_literal(item, nullable.of_type) for item in value)}]"
    if isinstance(nullable, GraphQLInputObjectType):
        fields = (
            f"{name}: {to_literal(item, nullable.fields[name].type)}"
            for name, item in value.items()
        )
        return f"{{{', '.join(fields)}}}"
    if isinstance(nullable, GraphQLEnumType):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
