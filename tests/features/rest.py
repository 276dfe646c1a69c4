"""Gateways whose REST routes are asked, and documents that are imported into them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from starlette.testclient import TestClient

from gateway.auth.issuing import KeyRequest, issue_key
from gateway.dialects import edge_impulse, modzy, sharedcloud
from gateway.dialects.context import DecodeContext
from gateway.dialects.documents import parse_json
from gateway.dialects.residue import JsonObject
from gateway.records import JobRecord, JsonValue
from gateway.settings import Settings
from gateway.store.database import Database
from tests.factories import put
from tests.features.asking import ALL_SCOPES
from tests.features.clients import open_client

PROJECT = 7
DECODERS = {
    "edge-impulse": edge_impulse.decode_job,
    "modzy": modzy.decode_job,
    "sharedcloud": sharedcloud.decode_job,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RestGateway:
    """A gateway in this process."""

    client: TestClient
    settings: Settings

    @property
    def database(self) -> Database:
        """What it serves from."""
        database: Database = self.client.app_state["resources"].database
        return database

    def run(self, function: Any, *arguments: Any) -> Any:  # noqa: ANN401 -- any coroutine's
        """Run a coroutine function where the gateway runs."""
        assert self.client.portal is not None
        return self.client.portal.call(function, *arguments)

    def put(
        self,
        format_name: str,
        documents: Iterable[JsonObject],
        *,
        account: str = "acme",
        project_id: int | None = PROJECT,
    ) -> None:
        """Write the jobs of documents, which may have little in them."""
        zone = ZoneInfo(self.settings.sharedcloud_time_zone)
        context = DecodeContext(project_id=project_id, time_zone=zone)
        decode = DECODERS[format_name]
        texts = map(orjson.dumps, documents)
        records = [decode(parse_json(text), context) for text in texts]
        self.put_records(*records, account=account)

    def put_records(self, *records: JobRecord, account: str = "acme") -> None:
        """Write jobs."""
        self.run(put, self.database, account, *records)

    def make_key(
        self,
        account: str = "acme",
        *,
        project_id: int | None = None,
        scopes: Iterable[str] = ALL_SCOPES,
    ) -> dict[str, str]:
        """Make a key, and give the header that carries it."""
        request = KeyRequest(
            account=account, project_id=project_id, scopes=tuple(scopes)
        )
        return {"x-api-key": self.run(issue_key, self.database, request).text}

    def read(self, path: str, key: dict[str, str], **query: Any) -> JsonValue:  # noqa: ANN401 -- as httpx takes them
        """Give the body of an answer that is a success."""
        answer = self.client.get(path, headers=key, params=query or None)
        assert answer.status_code == 200, answer.text
        body: JsonValue = orjson.loads(answer.content)
        return body


@contextmanager
def open_rest(settings: Settings) -> Iterator[RestGateway]:
    """Serve a gateway for a while."""
    with open_client(settings) as client:
        yield RestGateway(client=client, settings=settings)
