"""Requests that try the REST routes with what the caller may not see."""

import json
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, urlencode

from tests.features.walking import Values

WINDOW = "startDate=2025-06-01T12:01:00Z&endDate=2025-06-02T00:00:00Z"
ORDERS = ("createdAt", "updatedAt", "model", "submittedBy,total")


def make_paths(hidden: Values) -> Iterator[str]:
    """Give paths of every route, with values of what is hidden."""
    yield from make_modzy_paths(hidden)
    yield from make_edge_impulse_paths(hidden)
    yield from ("/api/v1/jobs", "/api/v1/jobs/")
    for identifier, slash in product(texts(hidden, "jobIdentifier"), ("", "/")):
        yield f"/api/v1/jobs/{quote(identifier)}{slash}"


def make_modzy_paths(hidden: Values) -> Iterator[str]:
    """Give paths of Modzy's routes."""
    yield "/api/models"
    yield "/api/models/requirements/account"
    for identifier in texts(hidden, "jobIdentifier"):
        yield f"/api/jobs/{quote(identifier)}"
    history = "/api/jobs/history"
    for name, key in (
        ("model", "identifier"),
        ("model", "version"),
        ("user", "user"),
        ("accessKey", "submittedBy"),
    ):
        for value in (*texts(hidden, key), "example.org", "o"):
            yield f"{history}?{urlencode({name: value})}"
    for order, size in product(ORDERS, (1, 2, 1_000)):
        yield f"{history}?{urlencode({'sort-by': order, 'per-page': size})}"
    for status in ("all", "pending", "terminated"):
        yield f"{history}?status={status}&{WINDOW}"


def make_edge_impulse_paths(hidden: Values) -> Iterator[str]:
    """Give paths of Edge Impulse's routes, in the caller's projects and others."""
    projects = dict.fromkeys(("1", "7", *texts(hidden, "projectId"), "99"))
    for jobs in (f"/v1/api/{project}/jobs" for project in projects):
        yield from (jobs, f"{jobs}/history", f"{jobs}/all", f"{jobs}/all?limit=1")
        yield f"{jobs}/summary?{WINDOW}"
        yield f"{jobs}/all?{WINDOW}&finished=all"
        for category in texts(hidden, "category"):
            yield f"{jobs}/all?category={quote(category)}"
            yield f"{jobs}/all?key={quote(category)}%27s+label"
        for identifier in texts(hidden, "jobIdentifier"):
            for rest in ("status", "stdout", "stdout/download"):
                yield f"{jobs}/{quote(identifier)}/{rest}"


def texts(hidden: Values, name: str) -> list[str]:
    """Give hidden values as they stand in a URL."""
    return [str(json.loads(value)) for value in hidden[name]]
