"""Jobs and a filter to facets: counted one facet after the other, in plain Python."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.oracle.filters import is_meant, value_of
from tests.oracle.records import StoredJob

Facet = Sequence[Mapping[str, Any]]
# The fields of a filter that are about a facet itself.
OWN = {
    "status": {"status", "statusGroup"},
    "source": {"source"},
    "category": {"category"},
    "model": {"model"},
}


def to_facets(
    jobs: Sequence[StoredJob],
    given: Mapping[str, Any] | None,
    number_of: Callable[[StoredJob], int | None],
    make_model: Callable[[StoredJob], object],
) -> Mapping[str, Facet]:
    """Count the jobs of a list by each facet.

    Args:
        jobs: Before they are filtered.
        given: The filter.
        number_of: The number of a job's model.
        make_model: The model of a job, as a GraphQL object.
    """

    def count(name: str) -> Facet:
        stored = {k: v for k, v in (given or {}).items() if k not in OWN[name]}
        meant = [job for job in jobs if is_meant(job, stored)]
        values = {
            number_of(job) if name == "model" else value_of(job, name): job
            for job in meant
        }
        counts = Counter(
            number_of(job) if name == "model" else value_of(job, name) for job in meant
        )
        ordered = sorted(counts, key=lambda v: (-counts[v], v is None, v))
        return [
            {
                "value": make_model(values[value]) if name == "model" else value,
                "count": counts[value],
            }
            for value in ordered
        ]

    return {name: count(name) for name in OWN}
