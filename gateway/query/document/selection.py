"""Documents to selections: which fields are asked for, merged, with their sources.

Fragments, `@skip`, `@include` and aliases are resolved by graphql-core's own collector,
so a selection holds for every request that skips and includes the same fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    Visitor,
    get_argument_values,
    get_named_type,
    is_object_type,
    visit,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FieldDetailsList,
    FragmentDetails,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from gateway.query.fields import SOURCE, Source

TYPENAME = "__typename"
NO_VARIABLES = VariableValues({}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSelection:
    """One response key of an object.

    Attributes:
        definition: None for `__typename`.
        selection: What is asked of the object the field gives; None for a leaf.
    """

    key: str
    name: str
    details: FieldDetailsList
    definition: GraphQLField | None
    source: Source | None
    selection: "ObjectSelection | None"

    @property
    def has_variables(self) -> bool:
        """Tell whether its arguments differ between requests."""
        finder = VariableFinder()
        for argument in self.details[0].node.arguments or ():
            visit(argument, finder)
        return finder.has_found


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSelection:
    """What is asked of an object of one type, in the order of the response."""

    type_name: str
    fields: tuple[FieldSelection, ...]

    def named(self, name: str) -> Iterator[FieldSelection]:
        """Give each response key that asks for the field `name`."""
        return (field for field in self.fields if field.name == name)


def select(
    info: GraphQLResolveInfo[Any], type_name: str | None = None
) -> ObjectSelection:
    """Collect what is asked below the field that is being resolved.

    Args:
        info: The resolver's own.
        type_name: The object type, where the field's type is an interface.
    """
    collector = Collector(
        schema=info.schema,
        fragments={
            name: FragmentDetails(found) for name, found in info.fragments.items()
        },
        variable_values=info.variable_values,
        operation=info.operation,
    )
    named = get_named_type(info.return_type)
    target = info.schema.get_type(type_name) if type_name else named
    if not isinstance(target, GraphQLObjectType):
        raise TypeError(f"{target} is no object type")
    return collector.collect(
        target, [FieldDetails(node, None) for node in info.field_nodes]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """What graphql-core's collector needs to know of an operation."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDetails]
    variable_values: VariableValues
    operation: OperationDefinitionNode

    def collect(
        self, object_type: GraphQLObjectType, details: FieldDetailsList
    ) -> ObjectSelection:
        """Collect the sub-fields of all nodes that share a response key."""
        grouped = collect_subfields(
            self.schema,
            self.fragments,
            self.variable_values,
            self.operation,
            object_type,
            details,
        ).grouped_field_set
        return ObjectSelection(
            type_name=object_type.name,
            fields=tuple(
                self.to_field(object_type, key, found) for key, found in grouped.items()
            ),
        )

    def to_field(
        self, parent: GraphQLObjectType, key: str, details: FieldDetailsList
    ) -> FieldSelection:
        """Look up one field of an object type, with all that is below it."""
        name = details[0].node.name.value
        definition = None if name == TYPENAME else parent.fields[name]
        named = definition and get_named_type(definition.type)
        return FieldSelection(
            key=key,
            name=name,
            details=details,
            definition=definition,
            source=definition and to_source(definition),
            selection=self.collect(named, details) if is_object_type(named) else None,
        )


def to_source(definition: GraphQLField) -> Source | None:
    """Read the source off a Strawberry field; this package knows no more of it."""
    strawberry_field = definition.extensions.get("strawberry-definition")
    source: Source | None = getattr(strawberry_field, "metadata", {}).get(SOURCE)
    return source


class VariableFinder(Visitor):
    """Tells whether there is a variable anywhere in a value."""

    has_found = False

    def enter_variable(self, *_: object) -> None:
        """Note that there is one."""
        self.has_found = True


def read_arguments(
    field: FieldSelection, variable_values: VariableValues
) -> Mapping[str, Any]:
    """Coerce the arguments of a field, as graphql-core does for a resolver."""
    if field.definition is None:
        return {}
    first = field.details[0]
    return get_argument_values(
        field.definition, first.node, variable_values, first.fragment_variable_values
    )
