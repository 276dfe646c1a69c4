from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLInputObjectType
from sqlalchemy import Table

from gateway.dialects.ndjson import decode_job, encode_job
from gateway.records import (
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    ModelRecord,
    MoneyRecord,
    RecordField,
    UserRecord,
    declared_fields,
)
from gateway.schema.contract import to_schema
from gateway.store.record_columns import columns_of
from gateway.store.tables import job_inputs, job_logs, jobs, models, users
from tests.dialects.wire import CONTEXT

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
SAMPLES: dict[Any, Any] = {
    int: 7,
    bool: True,
    datetime: NOON,
    JobSource: JobSource.SWF,
    JobStatus: JobStatus.FAILED,
    MoneyRecord: MoneyRecord(amount=Decimal("0.08"), currency="USD"),
}
# What a job has beside the fields of one column each.
PARTS = {
    "model": (models, ModelRecord),
    "user": (users, UserRecord),
    "inputs": (job_inputs, JobInputRecord),
    "logs": (job_logs, JobLogs),
}
# What the caller of a mutation cannot give.
NOT_REPORTED = {"source", "residue"}


def make_whole(record_type: Any) -> Any:  # noqa: ANN401 -- a record of the type
    """Make a record that has a value for every field."""
    values = {f.name: to_sample(f) for f in declared_fields(record_type)}
    return record_type(**values)


def to_sample(field: RecordField) -> object:
    """Give a value that no field has by default."""
    if field.name == "residue":
        return {}
    if field.name in PARTS:
        part = make_whole(PARTS[field.name][1])
        return (part,) if field.name == "inputs" else part
    plain = getattr(field.type, "__origin__", field.type)
    return SAMPLES.get(plain, field.name)


WHOLE: JobRecord = make_whole(JobRecord)
JOB_FIELDS = [
    pytest.param(field, id=field.name) for field in declared_fields(JobRecord)
]


@pytest.mark.parametrize("field", JOB_FIELDS)
def test_a_field_is_read_from_the_document_it_is_written_to(field: RecordField) -> None:
    record = decode_job(encode_job(WHOLE), CONTEXT)
    assert getattr(record, field.name) == getattr(WHOLE, field.name)


@pytest.mark.parametrize("field", JOB_FIELDS)
def test_a_field_can_be_reported(field: RecordField) -> None:
    reported = to_schema().get_type("JobRecordInput")
    assert isinstance(reported, GraphQLInputObjectType)
    wanted = {field.key} - NOT_REPORTED
    if field.type == JobLogs:
        wanted = {part.key for part in declared_fields(JobLogs)}
    assert wanted <= reported.fields.keys()


@pytest.mark.parametrize(
    ("table", "record"),
    [pytest.param(jobs, WHOLE, id="job")]
    + [
        pytest.param(table, make_whole(part), id=name)
        for name, (table, part) in PARTS.items()
    ],
)
def test_columns_give_back_the_fields_they_were_given(
    table: Table, record: object
) -> None:
    columns = columns_of(type(record))
    assert columns.columns.keys() <= set(table.columns.keys())
    assert columns.from_values(columns.to_values(record)) == {
        name: getattr(record, name) for name in columns.columns
    }


def test_every_field_of_a_job_is_stored() -> None:
    apart = {"inputs", "logs"}
    named = {"cost": "cost_amount", "model": "model_id", "user": "user_id"}
    fields = {f.name for f in declared_fields(JobRecord)} - apart
    assert {named.get(name, name) for name in fields} <= set(jobs.columns.keys())
