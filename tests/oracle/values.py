"""Input types to values for them, such as a data set makes interesting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)
from hypothesis import strategies as st

from gateway.query.plan.node_ids import to_job_id, to_model_id, to_user_id
from tests.oracle.filters import value_of
from tests.oracle.records import BASE, INSTANTS, PROJECTS, World

Strategy = st.SearchStrategy[Any]
IN_INDIA = timezone(timedelta(hours=5, minutes=30))
MOMENTS = [BASE - timedelta(hours=5, microseconds=1), *INSTANTS]
ZONES = ["UTC", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe"]
SIZES = [3, 2, 1, 5, 0, 20]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The texts worth asking for.

    Attributes:
        words: By the name of the argument or input field.
        sizes: What `first` and `last` are.
    """

    words: Mapping[str, Sequence[str]] = field(repr=False)


def to_vocabulary(world: World) -> Vocabulary:
    """Collect what a data set has, and a little that it has not."""
    records = world.records
    models = [job.model for job in records if job.model]
    users = [(job.source, job.user) for job in records if job.user]
    ids = [
        *(
            to_job_id(value_of(k, "source"), k.record.job_identifier)
            for k in world.jobs
        ),
        *(to_model_id(model.identifier, model.version) for model in models),
        *(to_user_id(source.value, user.identifier) for source, user in users),
        to_job_id("SWF", "none"),
    ]
    identifiers = sorted(
        {m.identifier for m in models} | {u.identifier for _, u in users}
    )
    words = {
        "ids": [*sorted(set(ids)), "not an id"],
        "jobIdentifier": sorted({job.job_identifier for job in records}),
        "identifier": identifiers,
        "version": ["1.0.1", "0.9", ""],
        "name": ["Sentiment", ""],
        "category": sorted({job.category for job in records if job.category}),
        "user": identifiers,
        "submittedBy": ["ei_1", "ei_2", "EI_1"],
        "after": ["a cursor"],
        "before": ["a cursor"],
    }
    words["id"] = words["ids"]
    return Vocabulary(words={name: [*found, "none\0"] for name, found in words.items()})


def values_of(kind: GraphQLInputType, name: str, vocabulary: Vocabulary) -> Strategy:
    """Give a strategy for the JSON values of an input type.

    Args:
        kind: The type; null is among the values where it may be.
        name: Of the argument or input field.
        vocabulary: The texts to choose from.
    """
    if isinstance(kind, GraphQLNonNull):
        return non_null_values(kind.of_type, name, vocabulary)
    # Null comes last: it is no simpler a value than others.
    found = non_null_values(kind, name, vocabulary)
    return st.integers(0, 7).flatmap(lambda at: st.none() if at == 7 else found)


def non_null_values(kind: Any, name: str, vocabulary: Vocabulary) -> Strategy:  # noqa: ANN401 -- a nullable input type
    """Give a strategy for the values that are not null."""
    if isinstance(kind, GraphQLList):
        size = 6 if name == "ids" else 3
        return st.lists(values_of(kind.of_type, name, vocabulary), max_size=size)
    named = get_named_type(kind)
    if isinstance(named, GraphQLEnumType):
        return st.sampled_from(sorted(named.values))
    if isinstance(named, GraphQLInputObjectType):
        return input_objects(named, vocabulary)
    return scalars(str(named), name, vocabulary)


def input_objects(kind: GraphQLInputObjectType, vocabulary: Vocabulary) -> Strategy:
    """Give a strategy for the values of an input object: one to three of its fields."""
    fields = {
        name: values_of(field.type, name, vocabulary)
        for name, field in kind.fields.items()
    }
    names = st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries({name: fields[name] for name in chosen})
    )


def scalars(kind: str, name: str, vocabulary: Vocabulary) -> Strategy:
    """Give a strategy for the values of a scalar."""
    match kind:
        case "Int":
            return st.sampled_from([*SIZES, -1] if name == "limit" else SIZES)
        case "BigInt":
            return st.sampled_from([*PROJECTS, 8]).flatmap(
                lambda number: st.sampled_from([number, str(number)])
            )
        case "DateTime":
            return st.sampled_from(
                [found.isoformat() for found in MOMENTS]
                + [found.astimezone(IN_INDIA).isoformat() for found in MOMENTS]
            )
        case "Boolean":
            return st.booleans()
        case "TimeZone":
            return st.sampled_from(ZONES)
        case _:
            return st.sampled_from(vocabulary.words[name])
