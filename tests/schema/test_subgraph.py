"""The subgraph is the plain schema, with directives and two fields for routers."""

import re

from graphql import build_schema, lexicographic_sort_schema, parse, print_schema
from graphql.language import ObjectTypeDefinitionNode, SchemaExtensionNode, print_ast

from gateway.query.fields import ENTITIES
from gateway.query.plan.representations import KEY_FIELDS
from gateway.schema.contract import to_schema, to_sdl
from gateway.schema.subgraph import to_subgraph_schema, to_subgraph_sdl

DIRECTIVE = re.compile(r" @(key\(fields: \"[^\"]+\"\)|shareable)")
OF_ROUTERS = {"_Any", "_Entity", "_Service"}


def to_lines(sdl: str) -> list[str]:
    return print_ast(parse(sdl)).splitlines()


def test_the_text_is_that_of_the_plain_schema_but_for_directives() -> None:
    link, _, rest = to_subgraph_sdl().partition("\n\n")
    assert link.startswith("extend schema @link(")
    assert to_lines(DIRECTIVE.sub("", rest)) == to_lines(to_sdl())


def test_types_have_the_directives_that_the_manual_tells() -> None:
    definitions = parse(to_subgraph_sdl()).definitions
    assert isinstance(definitions[0], SchemaExtensionNode)
    found = {
        each.name.value: " ".join(map(print_ast, each.directives))
        for each in definitions
        if isinstance(each, ObjectTypeDefinitionNode) and each.directives
    }
    assert found == {
        "Job": '@key(fields: "id") @key(fields: "source jobIdentifier")',
        "Model": '@key(fields: "id") @key(fields: "identifier version")',
        "Money": "@shareable",
        "PageInfo": "@shareable",
        "User": '@key(fields: "id") @key(fields: "source identifier")',
    }


# Representations are read in the order in which rows are identified.
def test_a_natural_key_names_what_identifies_a_row() -> None:
    fields = {"jobIdentifier": "job_identifier"}
    columns = {
        name: tuple(fields.get(field, field) for field in key)
        for name, key in KEY_FIELDS.items()
    }
    assert columns == {name: ENTITIES[name].identity for name in KEY_FIELDS}


def test_what_is_executed_has_two_more_fields_and_their_types() -> None:
    plain, subgraph = to_schema(), to_subgraph_schema()
    assert set(subgraph.type_map) - set(plain.type_map) == OF_ROUTERS
    assert plain.query_type is not None
    assert subgraph.query_type is not None
    added = set(subgraph.query_type.fields) - set(plain.query_type.fields)
    assert added == {"_entities", "_service"}


def test_routers_find_their_fields_as_the_specification_has_them() -> None:
    lines = print_schema(to_subgraph_schema()).splitlines()
    assert "  ): [_Entity]!" in lines
    assert "    representations: [_Any!]!" in lines
    assert "  _service: _Service!" in lines
    assert "union _Entity = Job | Model | User" in lines


def test_the_plain_schema_stays_what_it_is_beside_the_subgraph() -> None:
    to_subgraph_schema()
    schema = build_schema(print_schema(to_schema()))
    assert f"{print_schema(lexicographic_sort_schema(schema))}\n" == to_sdl()
    assert "_entities" not in to_sdl()
