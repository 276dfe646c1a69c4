"""Documents to selections: the selected fields, merged, with their data sources.

graphql-core's own collector resolves fragments, `@skip`, `@include` and aliases, so a
selection serves every request that skips and includes the same fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Visitor,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
    visit,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from gateway.query.fields import Source, rules_of

NO_VARIABLES = VariableValues({}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSelection:
    """One response key of an object.

    Attributes:
        definition: None for `__typename` and for introspection fields.
        selection: The selection set on the field's object type; `NOTHING` on a leaf.
        by_type: The selection sets by object type, where the field's type is abstract.
    """

    key: str
    name: str
    details: FieldDetailsList
    definition: GraphQLField | None
    source: Source | None
    selection: "ObjectSelection"
    by_type: Mapping[str, "ObjectSelection"] = field(default_factory=dict)

    @property
    def has_variables(self) -> bool:
        """Tell whether its arguments differ between requests."""
        finder = VariableFinder()
        for argument in self.details[0].node.arguments or ():
            visit(argument, finder)
        return finder.has_found


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSelection:
    """The selection set on one object type, in the order of the response."""

    type_name: str
    fields: tuple[FieldSelection, ...]

    def named(self, name: str) -> Iterator[FieldSelection]:
        """Give each selection of the field `name`; aliases may repeat it."""
        return (field for field in self.fields if field.name == name)


NOTHING = ObjectSelection(type_name="", fields=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Collects the fields of one operation for one set of variables."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDetails]
    variable_values: VariableValues
    operation: OperationDefinitionNode

    def collect_root(self) -> ObjectSelection:
        """Collect the root fields with their subselections."""
        root = self.schema.get_root_type(self.operation.operation)
        if root is None:
            raise TypeError(f"the schema has no {self.operation.operation.value}")
        grouped = collect_fields(
            self.schema, self.fragments, self.variable_values, root, self.operation
        ).grouped_field_set
        return self.select_object(root, grouped)

    def collect(
        self, object_type: GraphQLObjectType, details: FieldDetailsList
    ) -> ObjectSelection:
        """Collect the subfields of all nodes that share a response key."""
        grouped = collect_subfields(
            self.schema,
            self.fragments,
            self.variable_values,
            self.operation,
            object_type,
            details,
        ).grouped_field_set
        return self.select_object(object_type, grouped)

    def select_object(
        self, object_type: GraphQLObjectType, grouped: Mapping[str, FieldDetailsList]
    ) -> ObjectSelection:
        """Look up the fields of an object type."""
        return ObjectSelection(
            type_name=object_type.name,
            fields=tuple(
                self.select_field(object_type, key, found)
                for key, found in grouped.items()
            ),
        )

    def select_field(
        self, parent: GraphQLObjectType, key: str, details: FieldDetailsList
    ) -> FieldSelection:
        """Look up one field of an object type, with its subselections."""
        name = details[0].node.name.value
        definition = parent.fields.get(name)  # None for `__typename` and its like
        named = definition and get_named_type(definition.type)
        possible = (
            self.schema.get_possible_types(named) if is_abstract_type(named) else ()
        )
        return FieldSelection(
            key=key,
            name=name,
            details=details,
            definition=definition,
            source=rules_of(definition).source,
            selection=self.collect(named, details)
            if is_object_type(named)
            else NOTHING,
            by_type={found.name: self.collect(found, details) for found in possible},
        )


class VariableFinder(Visitor):
    """Finds whether a value has a variable anywhere in it."""

    has_found = False

    def enter_variable(self, *_: object) -> None:
        """Record that there is one."""
        self.has_found = True


def coerce_arguments(
    field: FieldSelection, variable_values: VariableValues
) -> Mapping[str, Any]:
    """Coerce a field's arguments, as graphql-core does for a resolver."""
    if field.definition is None:
        return {}
    first = field.details[0]
    return get_argument_values(
        field.definition, first.node, variable_values, first.fragment_variable_values
    )
