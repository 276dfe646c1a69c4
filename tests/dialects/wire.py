"""Documents for the tests of dialects, made by hand and by chance."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import strategies as st

from gateway.dialects.context import DecodeContext
from gateway.dialects.residue import JsonObject
from gateway.records import JsonValue

SAMPLES = Path(__file__).parent / "samples"
SHARED = Path(__file__).parents[2].parent / "shared"
CONTEXT = DecodeContext(project_id=None, time_zone=ZoneInfo("UTC"))
PARIS = ZoneInfo("Europe/Paris")

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
names = st.text(
    st.characters(min_codepoint=33, max_codepoint=591), min_size=1, max_size=40
)
numbers = st.integers(0, 2**63 - 1)
counts = st.integers(0, 2**31 - 1) | st.just(2.0)
durations = st.integers(0, 10**10)
flags = st.booleans() | st.none()
scalars = st.none() | st.booleans() | texts | st.integers(-(2**63), 2**63 - 1)
anything = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner),
    max_leaves=5,
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1))  # noqa: DTZ001 -- hypothesis adds the zone
aware = moments.map(lambda moment: moment.replace(tzinfo=UTC))


def optional(strategy: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    return st.none() | strategy


def with_extras(
    document: st.SearchStrategy[JsonObject],
) -> st.SearchStrategy[JsonObject]:
    extras = st.dictionaries(texts.map("x-{}".format), anything, max_size=3)
    return st.builds(lambda known, extra: {**extra, **known}, document, extras)


def objects(
    required: Mapping[str, st.SearchStrategy[JsonValue]],
    possible: Mapping[str, st.SearchStrategy[JsonValue]],
) -> st.SearchStrategy[JsonObject]:
    return with_extras(st.fixed_dictionaries(dict(required), optional=dict(possible)))


def read_sample(name: str) -> JsonValue:
    document: JsonValue = orjson.loads((SAMPLES / name).read_bytes())
    return document


def sample_object(name: str) -> JsonObject:
    sample = read_sample(name)
    document = sample[0] if isinstance(sample, list) else sample
    assert isinstance(document, dict)
    return document


def shared_file(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {name} in the folder shared beside the repository")
    return path
