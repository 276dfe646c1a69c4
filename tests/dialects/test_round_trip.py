from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings, strategies as st

from gateway.dialects import edge_impulse, modzy, ndjson, sharedcloud
from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject, is_same
from gateway.records import JsonValue
from tests.dialects import wire

IN_PARIS = DecodeContext(project_id=7, time_zone=wire.PARIS)
many = settings(max_examples=200, deadline=None)


def spell(moment: datetime, minutes: int, timespec: str, form: int) -> str:
    text = moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat(
        timespec=timespec
    )
    forms = (text, text[:-3] + text[-2:], moment.replace(tzinfo=None).isoformat())
    return forms[form]


iso = st.builds(
    spell,
    wire.aware,
    st.sampled_from([0, 60, -330]),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
    st.integers(0, 2),
)
rfc3339 = wire.aware.map(lambda moment: moment.isoformat()) | wire.aware.map(
    lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S.%f}123z"
)
local = wire.moments.map("{:%d-%m-%Y %H:%M:%S}".format)
people = wire.optional(
    wire.objects(
        {},
        {
            "identifier": wire.optional(wire.names),
            "externalIdentifier": wire.names,
            "firstName": wire.texts,
            "email": wire.optional(wire.texts),
            "accessKeys": wire.anything,
        },
    )
)
modzy_inputs: st.SearchStrategy[JsonValue] = st.lists(
    wire.names
    | wire.objects(
        {},
        {
            "identifier": wire.names,
            "status": wire.names,
            "startTime": iso,
            "finishedAt": iso,
            "elapsedTime": wire.durations,
            "error": wire.optional(wire.texts),
        },
    ),
    max_size=3,
)
modzy_documents = wire.objects(
    {"jobIdentifier": wire.names, "createdAt": iso},
    {
        "submittedBy": wire.texts.map(lambda text: text.replace(".", "")),
        "accountIdentifier": wire.texts,
        "model": wire.optional(
            wire.objects(
                {},
                {
                    "identifier": wire.names,
                    "version": wire.names | st.just(""),
                    "name": wire.texts,
                },
            )
        ),
        "status": st.sampled_from(["OPEN", "in_progress", "COMPLETED", "NEW", 7]),
        "updatedAt": wire.optional(iso),
        "submittedAt": wire.optional(iso),
        "total": wire.optional(wire.counts),
        "pending": wire.counts,
        "elapsedTime": wire.optional(wire.durations | st.just(5.0)),
        "queueTime": wire.optional(wire.durations),
        "timeout": wire.optional(wire.numbers),
        "explain": wire.flags,
        "user": people,
        "jobInputs": modzy_inputs
        | st.fixed_dictionaries({"identifier": st.lists(wire.names, max_size=3)}),
        "inputByteAmount": wire.optional(wire.numbers),
    },
)
seconds = wire.optional(
    st.integers(0, 10**9) | st.floats(0, 1e9, allow_nan=False).map(float)
)
edge_documents = wire.objects(
    {"id": wire.numbers | wire.names, "created": iso},
    {
        "category": wire.optional(wire.texts),
        "key": wire.texts,
        "started": wire.optional(iso),
        "finished": wire.optional(iso),
        "finishedSuccessful": wire.flags,
        "computeTime": seconds,
        "createdByUser": wire.optional(
            wire.objects({}, {"id": wire.numbers, "name": wire.texts})
        ),
        "stdout": wire.texts
        | st.lists(st.fixed_dictionaries({"created": iso, "data": wire.texts})),
        "metadata": wire.anything,
    },
)
shared_documents = wire.objects(
    {"uuid": wire.names, "created_at": local},
    {
        "current_server_time": local,
        "function_name": wire.optional(wire.texts),
        "duration": seconds,
        "started_at": wire.optional(local),
        "finished_at": wire.optional(local),
        "incremental_id": wire.optional(st.integers(0, 2**31 - 1)),
        "status": wire.optional(st.integers(0, 6) | st.just("3")),
        "cost": wire.optional(st.floats(0, 1e9) | st.integers(0, 1000)),
        "stdout": wire.optional(wire.texts),
    },
)
own_documents = st.fixed_dictionaries(
    {
        "jobIdentifier": wire.names,
        "status": st.sampled_from(["QUEUED", "RUNNING", "COMPLETED", "UNKNOWN"]),
        "createdAt": rfc3339,
    },
    optional={
        "source": st.sampled_from(["MODZY", "SWF", "GATEWAY"]),
        "accountIdentifier": wire.texts,
        "projectId": wire.optional(wire.numbers),
        "category": wire.optional(wire.texts),
        "startedAt": wire.optional(rfc3339),
        "completed": wire.counts,
        "elapsedTime": wire.optional(wire.numbers),
        "model": wire.optional(st.fixed_dictionaries({"identifier": wire.names})),
        "jobInputs": st.lists(
            st.fixed_dictionaries({"identifier": wire.names, "startedAt": rfc3339}),
            max_size=3,
        ),
        "cost": st.fixed_dictionaries(
            {
                "amount": st.sampled_from(["1.50", "0", 0.08, 3, "1e2"]),
                "currency": st.sampled_from(["EUR", "usd"]),
            }
        ),
        "stdout": wire.optional(wire.texts),
    },
)


@many
@given(modzy_documents)
def test_a_modzy_document_comes_back_as_it_was(document: JsonObject) -> None:
    record = modzy.decode_job(document, IN_PARIS)
    assert is_same(modzy.encode_job(record), document)


@many
@given(edge_documents)
def test_an_edge_impulse_document_comes_back_as_it_was(document: JsonObject) -> None:
    record = edge_impulse.decode_job(document, IN_PARIS)
    assert is_same(edge_impulse.encode_job(record), document)


@many
@given(shared_documents)
def test_a_sharedcloud_document_comes_back_as_it_was(document: JsonObject) -> None:
    record = sharedcloud.decode_job(document, IN_PARIS)
    encoded = sharedcloud.encode_job(record, time_zone=wire.PARIS)
    assert is_same(encoded, document)


@many
@given(own_documents)
def test_a_document_of_the_gateway_comes_back_as_it_was(document: JsonObject) -> None:
    record = ndjson.decode_job(document, IN_PARIS)
    assert is_same(ndjson.encode_job(record), document)


def test_a_record_of_another_source_is_written_in_the_own_format() -> None:
    record = modzy.decode_job(wire.sample_object("modzy.json"), wire.CONTEXT)
    again = ndjson.decode_job(ndjson.encode_job(record), wire.CONTEXT)
    assert (again.inputs, again.user, again.started_at) == (
        record.inputs,
        record.user,
        datetime(2021, 7, 20, 1, 40, 12, tzinfo=UTC),
    )
