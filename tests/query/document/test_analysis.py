import pytest
from graphql import OperationDefinitionNode, parse

from gateway.query.document.analysis import Analysis, NeededScope, analyse, count_nodes
from gateway.schema.contract import to_schema

LEVELS = 60
# Each fragment spreads the next twice: at every level there are twice as many.
DOUBLING = "\n".join(
    [
        "{ jobs { nodes { ...F0 } } }",
        *(
            f"fragment F{n} on Job {{ a{n}: id ...F{n + 1} ...F{n + 1} }}"
            for n in range(LEVELS)
        ),
        f"fragment F{LEVELS} on Job {{ last: id }}",
    ]
)


def analyse_text(text: str) -> Analysis:
    document = parse(text)
    (operation,) = (
        found
        for found in document.definitions
        if isinstance(found, OperationDefinitionNode)
    )
    return analyse(to_schema(), document, operation)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("{ viewer { subject } }", 2),
        ("{ jobs { nodes { model { jobs { totalCount } } } } }", 5),
        ("{ jobs { ...F } } fragment F on JobConnection { nodes { id } }", 3),
        ("{ ... { ... on Query { viewer { subject } } } }", 2),
        ("{ __schema { types { fields { type { ofType { name } } } } } }", 0),
        ("{ viewer { __typename } __typename }", 1),
        ("{ nope { nope { nope } } }", 3),
    ],
)
def test_depth_is_that_of_fields_not_of_fragments_or_introspection(
    text: str, depth: int
) -> None:
    assert analyse_text(text).depth == depth


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ("{ viewer { subject } }", 0),
        ("{ a: viewer { b: subject c: __typename } }", 3),
        ("{ jobs { ...F } jobs { ...F } } fragment F on JobConnection { n: nodes }", 2),
    ],
)
def test_an_alias_counts_wherever_it_comes_to_stand(text: str, aliases: int) -> None:
    assert analyse_text(text).aliases == aliases


def test_fragments_that_double_at_each_level_are_looked_at_once() -> None:
    found = analyse_text(DOUBLING)
    assert found.aliases == 2 ** (LEVELS + 1) - 1
    assert count_nodes(found.demand, {}, 100) == 50


def test_pages_in_fragments_that_double_are_counted_once_each() -> None:
    found = analyse_text(DOUBLING.replace("last: id", "jobInputs(first: 1) { nodes }"))
    assert count_nodes(found.demand, {}, 100) == 50 * (1 + 2**LEVELS)


def test_a_fragment_that_spreads_itself_ends() -> None:
    text = "{ jobs { ...F } } fragment F on JobConnection { nodes { model { ...G } } }"
    found = analyse_text(f"{text} fragment G on Model {{ jobs {{ ...F ...G }} }}")
    assert found.depth == 4


@pytest.mark.parametrize(
    ("text", "variables", "nodes"),
    [
        ("{ viewer { subject } }", {}, 0),
        ("{ jobs { nodes { id } } }", {}, 50),
        ("{ jobs(first: 7) { nodes { id } } }", {}, 7),
        ("{ jobs(last: 7) { nodes { id } } }", {}, 7),
        ("{ jobs(first: 100000000000000000000) { totalCount } }", {}, 100),
        ("{ jobs(first: -3) { totalCount } }", {}, 0),
        ("query($n: Int) { jobs(first: $n) { totalCount } }", {"n": 7}, 7),
        ("query($n: Int) { jobs(first: $n) { totalCount } }", {"n": -7}, 0),
        ("query($n: Int) { jobs(first: $n) { totalCount } }", {"n": True}, 50),
        ("query($n: Int) { jobs(first: $n) { totalCount } }", {}, 50),
        ('{ nodes(ids: ["a", "b"]) { id } }', {}, 2),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a"] * 9}, 9),
        (
            "{ jobs(first: 3) { nodes { jobInputs(first: 2) { totalCount } } } users }",
            {},
            3 * (1 + 2) + 50,
        ),
        (
            "{ usageSummary { summary { jobs(first: 2) { totalCount } } } }",
            {},
            20 * (1 + 2),
        ),
    ],
)
def test_nodes_are_counted_by_the_sizes_of_pages(
    text: str, variables: dict[str, object], nodes: int
) -> None:
    assert count_nodes(analyse_text(text).demand, variables, 100) == nodes


# Identifiers are no page: the size of pages does not bound them.
@pytest.mark.parametrize(("given", "nodes"), [(9, 9), (99, 99), (101, 100)])
def test_nodes_are_counted_by_as_many_as_may_be_asked_for(
    given: int, nodes: int
) -> None:
    demand = analyse_text("query($i: [ID!]!) { nodes(ids: $i) { id } }").demand
    assert count_nodes(demand, {"i": ["a"] * given}, 5) == nodes


def test_fields_say_which_scopes_they_need() -> None:
    found = analyse_text("{ users { nodes { email ...F } } } fragment F on User { id }")
    assert found.needs == {
        NeededScope(scope="jobs:read", field="Query.users"),
        NeededScope(scope="email", field="User.email"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __schema { types { name } } __typename }", True),
        ("{ ... { __typename } ...F } fragment F on Query { __typename }", True),
        ("{ __typename viewer { subject } }", False),
        ("{ ...F } fragment F on Query { viewer { subject } }", False),
    ],
)
def test_introspection_is_told_from_everything_else(text: str, expected: bool) -> None:  # noqa: FBT001 -- a case
    assert analyse_text(text).is_introspection is expected
