"""The GraphQL type of upstreams: source systems, and the state of fetching."""

from datetime import datetime
from typing import Any

import strawberry

from gateway.records import JobSource
from gateway.schema.fields import plain
from gateway.schema.roots import Request, Root
from gateway.schema.scalars import BigInt, DateTime
from gateway.store.upstreams import (
    UpstreamRecord,
    count_source_jobs,
    read_upstreams_of,
)
from gateway.upstreams.states import UpstreamState, to_lag_ms, to_upstream_state


async def resolve_upstream_jobs(
    info: strawberry.Info[Request], root: strawberry.Parent[Any]
) -> BigInt:
    """Count the jobs of an upstream's source."""
    record: UpstreamRecord = root.record
    count = await count_source_jobs(
        info.context.process.database, record.account, record.source, record.project_id
    )
    return BigInt(count)


@strawberry.type(
    description="A source system that jobs are fetched from, round after round."
)
class Upstream:
    record: strawberry.Private[UpstreamRecord]
    kind: JobSource = plain("System that it is; its jobs have this source.")
    name: str = plain("What the operator calls it; unique in the account.")
    state: UpstreamState = plain("How the fetching stands.")
    last_success_at: DateTime | None = plain(
        "When the last round that went well ended; null: none did yet."
    )
    lag_ms: BigInt | None = plain(
        "Time since `lastSuccessAt`, in ms; null: there is none. What happened at the"
        " source after that round began may be missing."
    )
    jobs: BigInt = strawberry.field(
        resolver=resolve_upstream_jobs,
        description="Jobs of this source in the account, and in its project where it"
        " has one, however they came; counted only if asked for.",
    )
    error: str | None = plain(
        "Why the last round failed; or, of one that went well, what differs between"
        " the source's own figures and the gateway's. Null: nothing."
    )


async def resolve_sources(root: Root) -> list[Upstream]:
    """List the caller's upstreams."""
    request = root.request
    tenant = request.tenant
    records = await read_upstreams_of(
        request.process.database, tenant.account, tenant.project_id
    )
    return [to_upstream(record, request.now) for record in records]


def to_upstream(record: UpstreamRecord, now: datetime) -> Upstream:
    """Make the upstream with its current state."""
    success_at, lag_ms = record.last_success_at, to_lag_ms(record, now)
    return Upstream(
        record=record,
        kind=JobSource(record.source),
        name=record.name,
        state=to_upstream_state(record, now),
        last_success_at=None if success_at is None else DateTime(success_at),
        lag_ms=None if lag_ms is None else BigInt(lag_ms),
        error=record.error,
    )
