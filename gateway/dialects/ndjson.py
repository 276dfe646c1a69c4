"""The gateway's own job documents, one a line, to records and back.

The keys are the fields of GraphQL's `Job`. The format is strict: an unknown key is an
error, so that a misspelt one is not silently lost.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import partial
from typing import Any

from gateway.dialects.context import DecodeContext
from gateway.dialects.fields import (
    MAX_INT32,
    MIN_INT32,
    Fields,
    did_you_mean,
    shorten_value,
    to_fields,
    wrong,
)
from gateway.dialects.instants import latest
from gateway.dialects.items import to_item_counts
from gateway.dialects.money import check_currency, to_money
from gateway.dialects.residue import JsonObject, known, restore, to_residue
from gateway.errors import DecodeError
from gateway.instants import format_rfc3339, parse_rfc3339
from gateway.records import (
    Count,
    Int32,
    JobInputRecord,
    JobLogs,
    JobRecord,
    JobSource,
    JobStatus,
    JsonValue,
    ModelRecord,
    MoneyRecord,
    Name,
    UserRecord,
    declared_fields,
)


def document_keys(record_type: type[Any]) -> tuple[str, ...]:
    """List the keys of a record."""
    return tuple(field.key for field in declared_fields(record_type))


KEYS = {
    each: document_keys(each)
    for each in (ModelRecord, UserRecord, JobInputRecord, MoneyRecord)
}
FIRST_KEYS = ("jobIdentifier", "source", "accountIdentifier")
JOB_KEYS = (
    *FIRST_KEYS,
    *(k for k in document_keys(JobRecord) if k not in {*FIRST_KEYS, "logs", "residue"}),
    *document_keys(JobLogs),
)
COUNTS = ("pending", "completed", "failed")
INSTANTS = ("created_at", "submitted_at", "assigned_at", "started_at", "finished_at")
RIGHT_INSTANT = "an RFC 3339 instant with an offset, such as '2024-05-01T12:00:00Z'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How values of a type are read and written.

    Attributes:
        decode: Reads the value of a key, None where there is none.
        encode: Makes JSON of a value; None: it is JSON.
    """

    decode: Callable[[Fields, str], Any]
    encode: Callable[[Any], JsonValue] | None = None


def decode_job(document: object, context: DecodeContext) -> JobRecord:
    """Read one job.

    Only `jobIdentifier`, `status` and `createdAt` are required. Of `submittedBy` only
    what is before the first dot is read: the rest would be the body of a key.

    Raises:
        DecodeError: A key is unknown, or a field is missing or wrong.
    """
    fields = to_fields(document)
    check_known_keys(fields, JOB_KEYS)
    prefix: JsonObject = {"submittedBy": fields.key_prefix("submittedBy")}
    fields = Fields(values=fields.values | known(prefix))
    record = decode_record(fields, context)
    residue = to_residue(fields.values, encode_record(record))
    # Under a key of its own: a job of another source has that dialect's residue.
    return replace(record, residue={"ndjson": residue}) if residue else record


def encode_job(record: JobRecord) -> JsonObject:
    """Write the job, whatever its source is."""
    residue = record.residue.get("ndjson")
    document = encode_record(record)
    return restore(document, residue) if isinstance(residue, dict) else document


def check_known_keys(fields: Fields, allowed: Sequence[str]) -> None:
    """Refuse keys the format does not have.

    Raises:
        DecodeError: There is one; the message says what may have been meant.
    """
    unknown = fields.values.keys() - allowed
    for key in fields.values if unknown else ():
        if key in unknown:
            meant = did_you_mean(key, allowed)
            raise DecodeError(f"{fields.path}{key[:60]} is no field of a job{meant}")


def decode_record(fields: Fields, context: DecodeContext) -> JobRecord:
    """Read every field, and derive those without which there is no record."""
    found = decode_fields(fields, JobRecord)
    if found["status"] is None:
        raise wrong("status", None, f"one of {', '.join(JobStatus)}")
    if found["created_at"] is None:
        raise wrong("createdAt", None, RIGHT_INSTANT)
    if found["source"] is None:
        found["source"] = JobSource.GATEWAY
    if found["project_id"] is None:
        found["project_id"] = context.project_id
    if found["updated_at"] is None:
        found["updated_at"] = latest(*(found[name] for name in INSTANTS))
    found["submitted_by"] = found["submitted_by"] or None
    return JobRecord(**(found | complete_counts(found)))


def complete_counts(found: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in item counts that are missing; without any, the job is one item."""
    total = found["total"]
    if total is None and all(found[name] is None for name in COUNTS):
        return {"total": 1, **to_item_counts(found["status"])}
    counts = {name: found[name] or 0 for name in COUNTS}
    if total is None:
        total = sum(counts.values())
        if total > MAX_INT32:
            raise wrong("total", None, f"an integer from 0 to {MAX_INT32}")
    return {"total": total, **counts}


def decode_fields(fields: Fields, record_type: type[Any]) -> dict[str, Any]:
    """Read the fields of a record by their names; what is missing is None."""
    return {
        name: codec.decode(fields, key) for name, key, codec in RECORDS[record_type]
    }


def encode_fields(record: object) -> JsonObject:
    """Write the fields of a record that are known."""
    document: JsonObject = {}
    for name, key, codec in RECORDS[type(record)]:
        value = getattr(record, name)
        if codec.encode is not None and value is not None:
            value = codec.encode(value)
        if value is not None:
            document[key] = value
    return document


def codecs_of(record_type: type[Any]) -> tuple[tuple[str, str, Codec], ...]:
    """List the names, keys and codecs of the fields that are in documents."""
    return tuple(
        (
            field.name,
            field.key,
            IDENTIFIER
            if field.type == Name and not field.is_optional
            else CODECS[field.type],
        )
        for field in declared_fields(record_type)
        if field.type in CODECS
    )


def encode_record(record: JobRecord) -> JsonObject:
    """Write the canonical document, in which unknown fields are absent."""
    document = encode_fields(record)
    logs = document.pop("logs", None)
    return document | logs if isinstance(logs, dict) else document


def decode_word(fields: Fields, key: str, words: type[StrEnum]) -> StrEnum | None:
    """Read the name of an enum value."""
    word = fields.text(key)
    if word is None:
        return None
    if word not in words.__members__:
        meant = did_you_mean(word, words)
        raise DecodeError(f"{fields.path}{key} is {shorten_value(word)}{meant}")
    return words(word)


def decode_object(fields: Fields, key: str, record_type: type[Any]) -> Any:  # noqa: ANN401 -- a record of the type
    """Read a nested object."""
    inner = fields.inner(key)
    return None if inner is None else decode_part(inner, record_type)


def decode_part(fields: Fields, record_type: type[Any]) -> Any:  # noqa: ANN401 -- a record of the type
    """Read an object that may have no other keys than its record."""
    check_known_keys(fields, KEYS[record_type])
    return record_type(**decode_fields(fields, record_type))


def decode_inputs(fields: Fields, key: str) -> tuple[JobInputRecord, ...]:
    """Read the inputs."""
    return tuple(
        decode_part(fields.at(key, position, element), JobInputRecord)
        for position, element in enumerate(fields.elements(key))
    )


def encode_inputs(inputs: Iterable[JobInputRecord]) -> JsonValue:
    """Write the inputs, where there are any."""
    encoded: list[JsonValue] = [encode_fields(item) for item in inputs]
    return encoded or None


def decode_cost(fields: Fields, key: str) -> MoneyRecord | None:
    """Read an amount, text or a number, and its currency."""
    cost = fields.inner(key)
    if cost is None:
        return None
    check_known_keys(cost, KEYS[MoneyRecord])
    currency = check_currency(f"{cost.path}currency", cost.identifier("currency"))
    value = cost.values.get("amount")
    digits = cost.text("amount") if isinstance(value, str) else cost.number("amount")
    try:
        amount = Decimal(str(digits))
    except InvalidOperation as exc:
        raise wrong(f"{cost.path}amount", value, "a decimal number") from exc
    return to_money(f"{cost.path}amount", amount, currency)


def encode_cost(cost: MoneyRecord) -> JsonObject:
    """Write an amount as text, without an exponent or final zeros."""
    digits = f"{cost.amount:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return {"amount": digits, "currency": cost.currency}


def decode_logs(fields: Fields, _key: str) -> JobLogs | None:
    """Read logs, whose keys stand in the job itself."""
    logs = JobLogs(**decode_fields(fields, JobLogs))
    return None if logs == JobLogs() else logs


IDENTIFIER = Codec(decode=Fields.identifier)
CODECS: Mapping[Any, Codec] = {
    str: Codec(decode=Fields.text),
    Name: Codec(decode=Fields.name),
    int: Codec(decode=Fields.integer),
    Count: Codec(decode=Fields.count),
    Int32: Codec(decode=partial(Fields.integer, least=MIN_INT32, most=MAX_INT32)),
    bool: Codec(decode=Fields.flag),
    datetime: Codec(
        decode=partial(Fields.instant, parse=parse_rfc3339, right=RIGHT_INSTANT),
        encode=format_rfc3339,
    ),
    JobStatus: Codec(decode=partial(decode_word, words=JobStatus), encode=str),
    JobSource: Codec(decode=partial(decode_word, words=JobSource), encode=str),
    ModelRecord: Codec(
        decode=partial(decode_object, record_type=ModelRecord), encode=encode_fields
    ),
    UserRecord: Codec(
        decode=partial(decode_object, record_type=UserRecord), encode=encode_fields
    ),
    tuple[JobInputRecord, ...]: Codec(decode=decode_inputs, encode=encode_inputs),
    MoneyRecord: Codec(decode=decode_cost, encode=encode_cost),
    JobLogs: Codec(decode=decode_logs, encode=encode_fields),
}
RECORDS: Mapping[Any, tuple[tuple[str, str, Codec], ...]] = {
    record_type: codecs_of(record_type)
    for record_type in (JobRecord, ModelRecord, UserRecord, JobInputRecord, JobLogs)
}
