"""The stand-ins speak their systems' formats, and go wrong as often as they should."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.upstreams.running import Upstream, running_upstream
from tests.upstreams.standins import edge_impulse
from tests.upstreams.standins.faults import Chance, Fault
from tests.upstreams.standins.lies import Lie

COUNT = 2_000
REFUSALS = {
    "edge-impulse": ["success", "error"],
    "modzy": ["statusCode", "status", "message", "reportErrorUrl"],
    "sharedcloud": ["detail"],
}
LISTS = {
    "edge-impulse": f"/v1/api/{edge_impulse.PROJECT}/jobs/all",
    "modzy": "/api/jobs/history",
    "sharedcloud": "/api/v1/jobs/",
}


@pytest.fixture(scope="module", params=LISTS)
def upstream(request: pytest.FixtureRequest) -> Iterator[Upstream]:
    with running_upstream(request.param, COUNT, seed=1) as running:
        yield running


def get(upstream: Upstream, **query: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Ask for a list."""
    return upstream.client.get(LISTS[upstream.kind], params=query).json()


def read_jobs(upstream: Upstream, page: int) -> Sequence[Mapping[str, Any]]:
    """Read a page as a client of the system does."""
    if upstream.kind == "modzy":
        jobs: list[dict[str, Any]] = get(upstream, page=f"{page}", **{"per-page": "99"})
    elif upstream.kind == "edge-impulse":
        jobs = get(upstream, limit="99", offset=f"{page * 99 - 99}")["jobs"]
    else:
        jobs = get(upstream) if page == 1 else []
    return jobs


def read_all(upstream: Upstream) -> list[str]:
    """Read the identifiers of all pages."""
    identifiers, page = [], 1
    while jobs := read_jobs(upstream, page):
        identifiers += [str(job[upstream.id_key]) for job in jobs]
        page += 1
    return identifiers


def test_the_pages_at_rest_have_each_job_once(upstream: Upstream) -> None:
    upstream.begin()
    upstream.rest()
    found = read_all(upstream)
    kept = [str(job[upstream.id_key]) for job in upstream.documents()]
    assert (len(found), sorted(found)) == (COUNT, sorted(kept))


def test_jobs_change_and_come_while_pages_are_read(upstream: Upstream) -> None:
    upstream.begin()
    before = {str(job[upstream.id_key]): job for job in upstream.documents()}
    read_all(upstream)
    after = {str(job[upstream.id_key]): job for job in upstream.documents()}
    changed = [id for id, job in before.items() if after[id] != job]
    assert len(after) > len(before)
    assert changed


def test_a_seed_and_an_instant_make_the_same_jobs_again(upstream: Upstream) -> None:
    upstream.begin()
    with running_upstream(upstream.kind, COUNT, upstream.seed, upstream.now) as other:
        other.begin()
        assert other.documents() == upstream.documents()


def test_pages_go_wrong_in_every_way() -> None:
    chance = Chance(seed=1, faults_per_mille=500, lies_per_mille=500)
    drawn = {each for page in range(1_000) for each in chance.draw(f"?page={page}")}
    assert drawn == {None, *Fault, *Lie}


def test_a_page_that_is_asked_for_often_enough_comes() -> None:
    chance = Chance(seed=1, faults_per_mille=1_000, lies_per_mille=0)
    faults = [chance.draw("?page=1")[0] for _ in range(15)]
    assert [faults.index(None), faults.count(None)] == [4, 3]


def test_a_wrong_credential_is_refused_in_the_manner_of_the_system(
    upstream: Upstream,
) -> None:
    headers = {"authorization": "none", "x-api-key": "none"}
    response = upstream.client.get(LISTS[upstream.kind], headers=headers)
    members = list(response.json())
    assert (response.status_code, members) == (401, REFUSALS[upstream.kind])
