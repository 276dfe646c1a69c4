"""What is not a request's own fault keeps its status of HTTP in every dialect."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.settings import Settings, read_settings
from tests.features.rest import RestGateway, open_rest

# A path of each dialect, and what its errors have.
PATHS = {
    "Edge Impulse": ("/v1/api/7/jobs", "error"),
    "Modzy": ("/api/jobs/history", "message"),
    "sharedcloud": ("/api/v1/jobs/", "detail"),
}
each_dialect = pytest.mark.parametrize(
    ("path", "member"), PATHS.values(), ids=list(PATHS)
)


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """The settings of a gateway whose database this is not about."""
    return read_settings(database_url=sqlite_url)


@pytest.fixture
def limited(settings: Settings) -> Iterator[RestGateway]:
    with open_rest(settings.replace(rate_limit="1/minute")) as opened:
        yield opened


@each_dialect
def test_a_rate_is_told_and_kept(limited: RestGateway, path: str, member: str) -> None:
    key = limited.make_key()
    first, second = (limited.client.get(path, headers=key) for _ in range(2))
    assert first.status_code == 200
    assert first.headers["ratelimit"].startswith('"requests";r=0;')
    assert second.status_code == 429
    assert "more than 1 requests in 60 s" in second.json()[member]
    assert 0 < int(second.headers["retry-after"]) <= 60


@each_dialect
def test_a_time_that_is_over_is_told(
    settings: Settings, path: str, member: str
) -> None:
    with open_rest(settings.replace(request_timeout_s=1e-9)) as gateway:
        answer = gateway.client.get(path, headers=gateway.make_key())
    assert answer.status_code == 504
    assert "the request took longer than" in answer.json()[member]


@each_dialect
def test_a_database_that_is_away_is_worth_a_retry(
    tmp_path: Path, path: str, member: str
) -> None:
    url = f"sqlite:///{tmp_path}/nowhere/gateway.db"
    with open_rest(read_settings(database_url=url)) as gateway:
        answer = gateway.client.get(path, headers={"x-api-key": "prefix.secret"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()[member] == "the database is not available"


@each_dialect
def test_a_cookie_does_not_count_where_any_site_could_send_it(
    settings: Settings, path: str, member: str
) -> None:
    with open_rest(settings) as gateway:
        answer = gateway.client.get(path, headers={"cookie": "jwt=a.b.c"})
    assert answer.status_code == 401
    assert answer.json()[member]


@each_dialect
def test_another_account_is_seen_by_an_administrator_who_names_it(
    settings: Settings, path: str, member: str
) -> None:
    with open_rest(settings) as gateway:
        headers = [gateway.make_key(scopes=scopes) for scopes in (("admin",), ())]
        answers = [
            gateway.client.get(path, headers=key | {"x-account": "other"})
            for key in headers
        ]
    assert [each.status_code for each in answers] == [200, 403]
    assert "x-account needs the scope admin" in answers[1].json()[member]
