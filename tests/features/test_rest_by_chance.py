"""The REST routes, asked by chance what `/openapi.json` says may be asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import CheckFunction
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from gateway.settings import read_settings
from gateway.web.app import create_app
from gateway.web.rest.openapi import describe_api
from tests.databases import copy_sqlite
from tests.dialects.wire import sample_object
from tests.features.rest import PROJECT, open_rest

Headers = dict[str, str]

PATHS = list(describe_api(None)["paths"])
FORMATS = {
    "edge-impulse": "edge_impulse.json",
    "modzy": "modzy.json",
    "sharedcloud": "sharedcloud.json",
}
KNOWN = {
    "projectId": PROJECT,
    "jobId": "12873488112",
    "jobIdentifier": "0f7a2c1e-6f5b-4c57-9a43-0d4f3c1b2a10",
    "uuid": "5b045bdd-843d-401b-8d44-b8c4b4213042",
}
DATES = {"startDate": "2020-01-01T00:00:00Z", "endDate": "2026-01-01T00:00:00Z"}
UNKNOWN_KEY = {"x-api-key": "nobody.secret"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A gateway as it describes itself, and a key that may read all of its jobs."""

    routes: BaseSchema
    key: Headers

    def find_statuses(self, path: str, headers: Headers) -> set[int]:
        """Ask a route for what it should take, and for what it should not."""
        operation = self.routes[path]["GET"]
        cases = st.one_of([operation.as_strategy(mode) for mode in GenerationMode])
        found: set[int] = set()

        @hypothesis_settings(max_examples=20, derandomize=True, deadline=None)
        @given(cases)
        def ask(case: Case[Any]) -> None:
            found.add(check(case, headers))

        ask()
        return found


@pytest.fixture(scope="module")
def described(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Described]:
    url = copy_sqlite(sqlite_template, tmp_path_factory.mktemp("by-chance"))
    # Many refusals come from one address here.
    settings = read_settings(database_url=url, failed_login_limit="100000/minute")
    with open_rest(settings) as filled:
        for format_name, file_name in FORMATS.items():
            filled.put(format_name, [sample_object(file_name)])
        key = filled.make_key()
    routes = openapi.from_asgi("/openapi.json", create_app(settings))
    # A second credential beside the key is refused for itself.
    routes.config.generation.with_security_parameters = False
    yield Described(routes=routes, key=key)
    shutdown_lifespans()


def check(case: Case[Any], headers: Headers) -> int:
    """Send a request, compare the answer with the document, give its status."""
    # Some rules no schema can say: that dates are past, or that one needs another.
    excluded: list[CheckFunction] = [positive_data_acceptance]
    if case.path.startswith("/v1/"):
        # Edge Impulse tells what is wrong with a request as a success of HTTP.
        excluded.append(negative_data_rejection)
    answer = case.call_and_validate(headers=headers, excluded_checks=excluded)
    return answer.status_code


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_what_the_document_says(path: str, described: Described) -> None:
    found = described.find_statuses(path, described.key)
    assert found <= {200, 400, 404}
    assert found & {200, 404}


@pytest.mark.parametrize("path", PATHS)
def test_refusals_are_what_the_document_says(path: str, described: Described) -> None:
    found = described.find_statuses(path, UNKNOWN_KEY)
    assert 401 in found <= {401, 404}


@pytest.mark.parametrize("path", PATHS)
def test_what_there_is_has_the_form_that_the_document_says(
    path: str, described: Described
) -> None:
    operation = described.routes[path]["GET"]
    case = operation.Case(path_parameters=KNOWN, query=DATES)
    assert check(case, described.key) == 200
