import pytest

from gateway.errors import ComplexityError, OperationError
from gateway.query.document import documents
from gateway.query.document.documents import Documents, InvalidDocumentError, ParseError
from gateway.schema.contract import to_schema
from gateway.settings import read_settings

TWO = "query A { viewer { subject } } query B { viewer { serverTime } }"


def open_documents(**settings: int) -> Documents:
    return Documents(to_schema(), read_settings(database_url="sqlite://", **settings))


@pytest.mark.parametrize(
    ("settings", "text", "message"),
    [
        (
            {"max_tokens": 5},
            "{ viewer { subject serverTime } }",
            "more than 5 tokens; ask for less at once",
        ),
        (
            {"max_depth": 2},
            "{ jobs { nodes { id } } }",
            "the operation is 3 levels deep; at most 2 are allowed",
        ),
        (
            {"max_aliases": 1},
            "{ viewer { a: subject b: subject } }",
            "the operation has 2 aliases; at most 1 are allowed",
        ),
    ],
)
def test_a_limit_is_named_with_its_figure(
    settings: dict[str, int], text: str, message: str
) -> None:
    with pytest.raises(ComplexityError, match=message):
        open_documents(**settings).read(text, None)


def test_what_is_at_the_limits_is_within_them() -> None:
    text = "{ viewer { a: subject } }"
    found = open_documents(max_tokens=8, max_depth=2, max_aliases=1).read(text, None)
    assert found.analysis.aliases == 1


def test_a_document_that_nests_without_end_is_refused() -> None:
    text = "{ a " * 600 + "}" * 600
    with pytest.raises(ComplexityError, match="at most 12"):
        open_documents(max_tokens=100_000).read(text, None)


@pytest.mark.parametrize("text", ["", "{", "{ viewer }}", "nonsense", "\ufeff{"])
def test_what_is_no_document_says_where(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        open_documents().read(text, None)
    assert caught.value.error.locations


def test_a_document_that_does_not_fit_the_schema_lists_what_is_wrong() -> None:
    with pytest.raises(InvalidDocumentError) as caught:
        open_documents().read("{ viewer { subjekt } nope }", None)
    assert len(caught.value.errors) == 2
    assert "Did you mean 'subject'?" in str(caught.value)


def test_a_limit_is_checked_before_the_document_is_validated() -> None:
    with pytest.raises(ComplexityError):
        open_documents(max_depth=1).read("{ jobs { nope } }", None)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (TWO, None, "the document has 2 operations; name one in operationName: A, B"),
        (TWO, "C", "the document has no operation 'C'; it has A, B"),
        ("{ viewer { subject } }", "A", "it has one unnamed"),
    ],
)
def test_the_operation_must_be_clear(text: str, name: str | None, message: str) -> None:
    with pytest.raises(OperationError) as caught:
        open_documents().read(text, name)
    assert caught.value.message.endswith(message)


def test_the_named_operation_is_chosen() -> None:
    found = open_documents().read(TWO, "B")
    assert found.node.name is not None
    assert found.node.name.value == "B"


def test_a_document_that_is_known_is_not_read_again() -> None:
    known = open_documents()
    assert known.read(TWO, "A") is known.read(TWO, "A")


def test_what_is_refused_is_not_kept() -> None:
    known = open_documents()
    with pytest.raises(InvalidDocumentError):
        known.read("{ nope }", None)
    assert not known.known


def test_only_the_latest_documents_are_kept() -> None:
    known = open_documents()
    texts = [
        f"{{ viewer {{ a{n}: subject }} }}" for n in range(documents.MAX_DOCUMENTS + 1)
    ]
    first = known.read(texts[0], None)
    for text in texts[1:-1]:
        known.read(text, None)
    assert known.read(texts[0], None) is first
    known.read(texts[-1], None)
    assert len(known.known) == documents.MAX_DOCUMENTS
    assert texts[0] in known.known
    assert texts[1] not in known.known


def test_a_long_document_is_not_kept() -> None:
    known = open_documents()
    padding = " " * documents.MAX_CACHED_LENGTH
    known.read(f"{{ viewer {{ subject }} }}{padding}", None)
    assert not known.known


def test_only_the_latest_plans_of_an_operation_are_kept() -> None:
    found = open_documents().read("{ viewer { subject } }", None)
    made = [found.memoize(n, object) for n in range(documents.MAX_MEMOS + 1)]
    assert len(found.memos) == documents.MAX_MEMOS
    assert found.memoize(documents.MAX_MEMOS, object) is made[-1]
    assert found.memoize(0, object) is not made[0]


def test_an_operation_knows_its_defaults_and_its_switches() -> None:
    found = open_documents().read(
        "query($n: Int = 3, $s: Boolean!, $t: [ID!]! = [1]) {"
        " jobs(first: $n) @skip(if: $s) { totalCount } nodes(ids: $t) { id } }",
        None,
    )
    assert found.defaults == {"n": 3, "t": [1]}
    assert found.switches == ("s",)
