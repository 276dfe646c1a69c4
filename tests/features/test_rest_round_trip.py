"""Documents that are imported come back by their own dialect's routes as they were.

They are compared as JSON is, member by member, with these exceptions: of Modzy's keys
only the public prefix is ever kept, the clock of sharedcloud's server is the gateway's,
and Edge Impulse's lists leave out what jobs printed, as its own do, so that one job's
route is asked for that. Users and models are
kept once for an account, as their latest document tells them: those of the documents
here are all of one document. The key of a caller has all scopes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from urllib.parse import quote

import orjson
import pytest
from hypothesis import (
    HealthCheck,
    Phase,
    given,
    settings as given_settings,
    strategies as st,
)

from gateway.dialects.residue import JsonObject, is_same
from gateway.records import JsonValue
from gateway.settings import read_settings
from tests.dialects.test_round_trip import (
    edge_documents,
    modzy_documents,
    shared_documents,
)
from tests.dialects.wire import sample_object, shared_file
from tests.features.rest import PROJECT, RestGateway, open_rest

# SQLite answers for 1,000 documents of each dialect, PostgreSQL for what differs there.
EXAMPLES = {"sqlite": 100, "postgresql": 15}
DOCUMENTS = 10
ACCOUNTS = count()
NUMBERS = count()

Documents = list[JsonObject]


@pytest.fixture(scope="module")
def gateway(shared_url: str) -> Iterator[RestGateway]:
    settings = read_settings(
        database_url=shared_url, sharedcloud_time_zone="Europe/Paris"
    )
    with open_rest(settings) as opened:
        yield opened


def check_many(
    gateway: RestGateway,
    documents: st.SearchStrategy[JsonObject],
    check: Callable[[RestGateway, Documents], None],
    *,
    key: str,
) -> None:
    """Import many documents, some at a time, each time for an account of its own."""
    (examples,) = (
        number
        for name, number in EXAMPLES.items()
        if gateway.settings.database_url.get_secret_value().startswith(name)
    )

    @given_settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        # Many documents at a time shrink slowly, and the failing one is told anyway.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(
            documents,
            min_size=DOCUMENTS,
            max_size=DOCUMENTS,
            unique_by=lambda found: str(found[key]),
        )
    )
    def run(found: Documents) -> None:
        check(gateway, [tell_apart(document) for document in found])

    run()


def tell_apart(document: JsonObject) -> JsonObject:
    """Give users and models of a document names that no other document has."""
    for part in ("model", "user", "createdByUser"):
        inner = document.get(part)
        if isinstance(inner, dict):
            document[part] = {
                name: to_own_name(value) if name in NAMES else value
                for name, value in inner.items()
            }
    return document


NAMES = frozenset({"identifier", "externalIdentifier", "id", "username"})


def to_own_name(value: JsonValue) -> JsonValue:
    """Number a name."""
    if isinstance(value, str):
        return f"{value}~{next(NUMBERS)}"
    return next(NUMBERS) if isinstance(value, int) else value


def by_key(documents: JsonValue, key: str) -> dict[str, JsonObject]:
    """Give documents by what identifies them."""
    assert isinstance(documents, list)
    found = [each for each in documents if isinstance(each, dict)]
    return {str(each[key]): each for each in found}


def assert_same(found: dict[str, JsonObject], right: dict[str, JsonObject]) -> None:
    """Compare documents as JSON."""
    assert found.keys() == right.keys()
    for key, document in right.items():
        assert is_same(found[key], document), (found[key], document)


def is_in_one_segment(identifier: str) -> bool:
    """Tell whether a path can carry it: no server tells %2F from a slash."""
    return "/" not in identifier and set(identifier) != {"."}


def check_modzy(gateway: RestGateway, documents: Documents) -> None:
    account = f"modzy-{next(ACCOUNTS)}"
    gateway.put("modzy", documents, account=account)
    key = gateway.make_key(account)
    right = by_key([without_body(each) for each in documents], "jobIdentifier")
    listed = gateway.read("/api/jobs/history", key, **{"per-page": 1000})
    assert_same(by_key(listed, "jobIdentifier"), right)
    identifier = next(filter(is_in_one_segment, right), None)
    if identifier is not None:
        one = gateway.read(f"/api/jobs/{quote(identifier, safe='')}", key)
        assert_same(by_key([one], "jobIdentifier"), {identifier: right[identifier]})


def without_body(document: JsonObject) -> JsonObject:
    """Cut what submitted a job down to the public half of the key."""
    if "submittedBy" not in document:
        return document
    return document | {"submittedBy": str(document["submittedBy"]).partition(".")[0]}


def check_edge_impulse(gateway: RestGateway, documents: Documents) -> None:
    account = f"edge-{next(ACCOUNTS)}"
    gateway.put("edge-impulse", documents, account=account)
    key = gateway.make_key(account)
    path = f"/v1/api/{PROJECT}/jobs"
    right = by_key([*documents], "id")
    listed = gateway.read(f"{path}/all", key)
    assert isinstance(listed, dict)
    assert listed["totalJobCount"] == len(documents)
    without = {
        name: {key: value for key, value in document.items() if key != "stdout"}
        for name, document in right.items()
    }
    assert_same(by_key(listed["jobs"], "id"), without)
    for identifier in filter(is_in_one_segment, right):
        if "stdout" in right[identifier]:
            one = gateway.read(f"{path}/{quote(identifier, safe='')}/status", key)
            assert isinstance(one, dict)
            found = by_key([one["job"]], "id")
            assert_same(found, {identifier: right[identifier]})


def check_sharedcloud(gateway: RestGateway, documents: Documents) -> None:
    account = f"shared-{next(ACCOUNTS)}"
    gateway.put("sharedcloud", documents, account=account)
    key = gateway.make_key(account)
    listed = without_clock(gateway.read("/api/v1/jobs/", key))
    right = without_clock([*documents])
    assert_same(listed, right)
    uuid = next(filter(is_in_one_segment, right), None)
    if uuid is not None:
        one = gateway.read(f"/api/v1/jobs/{quote(uuid, safe='')}", key)
        assert_same(without_clock([one]), {uuid: right[uuid]})


def without_clock(documents: JsonValue) -> dict[str, JsonObject]:
    """Give sharedcloud's documents without the clock of its server."""
    return {
        uuid: {k: v for k, v in found.items() if k != "current_server_time"}
        for uuid, found in by_key(documents, "uuid").items()
    }


def test_modzy_documents_come_back(gateway: RestGateway) -> None:
    check_many(gateway, modzy_documents, check_modzy, key="jobIdentifier")


def test_edge_impulse_documents_come_back(gateway: RestGateway) -> None:
    check_many(gateway, edge_documents, check_edge_impulse, key="id")


def test_sharedcloud_documents_come_back(gateway: RestGateway) -> None:
    check_many(gateway, shared_documents, check_sharedcloud, key="uuid")


@pytest.mark.parametrize(
    ("check", "sample"),
    [
        (check_modzy, "modzy.json"),
        (check_edge_impulse, "edge_impulse.json"),
        (check_sharedcloud, "sharedcloud.json"),
    ],
    ids=["modzy", "edge impulse", "sharedcloud"],
)
def test_a_document_with_every_member_comes_back(
    gateway: RestGateway, check: Callable[[RestGateway, Documents], None], sample: str
) -> None:
    check(gateway, [sample_object(sample)])


def test_the_public_example_of_modzy_comes_back(gateway: RestGateway) -> None:
    seed = shared_file("seeds/001_43211c6c9236c58b.txt").read_text()
    lines = [line for line in seed.splitlines() if line.startswith('    "')]
    document = orjson.loads(f"{{{''.join(lines)}}}")
    dates = dict.fromkeys(
        ("createdAt", "updatedAt", "submittedAt"), "2021-07-20T01:40:11.560+0000"
    )
    check_modzy(gateway, [document | dates])


def test_the_public_examples_of_sharedcloud_come_back(gateway: RestGateway) -> None:
    seed = shared_file("seeds/002_2fa6e0e00ae14513.txt").read_text()
    pattern = r"^\{\n    \"uuid.*?^\}|^    \{\n.*?^    \}"
    found = re.findall(pattern, seed, re.MULTILINE | re.DOTALL)
    documents: Sequence[JsonObject] = [orjson.loads(text) for text in found]
    assert len(documents) == 2
    for document in documents:  # both are of one job, perhaps at two times
        check_sharedcloud(gateway, [document])


def test_the_public_answer_of_edge_impulse_is_given(gateway: RestGateway) -> None:
    seed = shared_file("seeds/000_c1540fb7ef187920.txt").read_text()
    gateway.put("edge-impulse", [sample_object("edge_impulse.json")], account="seed")
    answer = gateway.read(
        f"/v1/api/{PROJECT}/jobs/summary",
        gateway.make_key("seed"),
        startDate="2024-01-01T00:00:00Z",
        endDate="2025-01-01T00:00:00Z",
    )
    assert isinstance(answer, dict)
    assert answer == {
        "success": True,
        "summary": [{"category": "Training model", "lengthMs": 180_250}],
    }
    assert all(f"{name}:" in seed for name in ("success", "summary", *SUMMARY_NAMES))


SUMMARY_NAMES = ("category", "lengthMs")
