"""The document and the routes say the same."""

import json
import re
from typing import Any

import pytest
from starlette.routing import Route

from gateway.settings import Settings
from gateway.web.app import create_app
from gateway.web.rest.dialects import DIALECTS
from gateway.web.rest.openapi import describe_api
from tests.web.fakes import to_client

DOCUMENT = describe_api(None)
ROUTES = {route.path: route for each in DIALECTS for route in each.routes}
PREFIXES = tuple(f"{each.prefix}/" for each in DIALECTS)


def test_every_path_is_a_route_and_every_route_a_path() -> None:
    served = {
        route.path: route.methods
        for route in create_app(Settings()).routes
        if isinstance(route, Route) and route.path.startswith(PREFIXES)
    }
    assert served == {path: {"GET", "HEAD"} for path in DOCUMENT["paths"]}


@pytest.mark.parametrize("path", ROUTES)
def test_every_parameter_of_a_route_is_described(path: str) -> None:
    route, operation = ROUTES[path], DOCUMENT["paths"][path]["get"]
    described = {(each["in"], each["name"]) for each in operation["parameters"]}
    assert described == {
        *(("path", name) for name in re.findall(r"{(\w+)}", path)),
        *(("query", parameter.name) for parameter in route.parameters),
    }


# Every parameter that cannot have just any text.
CHECKED = [
    (path, parameter.name)
    for path, route in ROUTES.items()
    for parameter in route.parameters
    if parameter.read is not str
]


@pytest.mark.parametrize(("path", "name"), CHECKED)
def test_every_parameter_that_is_described_is_read(path: str, name: str) -> None:
    required = {
        each.name: "2024-01-01"
        for each in ROUTES[path].parameters
        if each.is_required and each.name != name
    }
    url = re.sub(r"{\w+}", "1", path)
    with to_client() as client:
        answer = client.get(url, params={**required, name: "?"})
    assert f"{name} is '?'; give" in answer.text


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    found = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert found == set(DOCUMENT["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [item["get"]["operationId"] for item in DOCUMENT["paths"].values()]
    assert len(set(names)) == len(names) == len(ROUTES)


@pytest.mark.parametrize("path", ROUTES)
def test_every_operation_tells_how_it_fails(path: str) -> None:
    responses: dict[str, Any] = DOCUMENT["paths"][path]["get"]["responses"]
    assert {"200", "401", "403", "404", "429", "500", "503", "504"} <= set(responses)


def test_anybody_may_read_the_document() -> None:
    with to_client(headers={}) as client:
        answer = client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


def test_the_document_names_the_address_that_is_set() -> None:
    document = describe_api("https://jobs.example.com/prefix")
    assert document["servers"] == [{"url": "https://jobs.example.com/prefix"}]
