"""Selections of a usage summary to what is read for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.query.document.selection import FieldSelection
from gateway.query.fields import ENTITIES, ToMany
from gateway.query.plan.plan import ConnectionPlan, RowsPlan, plan_connection, plan_rows
from gateway.query.usage.times import WantedTimes

# Fields of a group that are objects, with the dimension that refers to them.
OBJECTS = {"model": ("Model", "model_id"), "user": ("User", "user_id")}
# Fields that are distributions of times, with their column of jobs.
TIMES = {"queueTime": "queue_ms", "elapsedTime": "elapsed_ms"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPlan:
    """The plan of a usage summary.

    Attributes:
        objects: Models and users of groups, by response path.
        connections: Jobs of groups, likewise.
    """

    field: FieldSelection
    objects: Mapping[tuple[str, str], RowsPlan]
    connections: Mapping[tuple[str, str], ConnectionPlan]

    @property
    def wants_costs(self) -> bool:
        """Tell whether any field needs costs."""
        names = self.names_below("summary") | self.names_below("totals")
        return "cost" in names

    @property
    def wanted_times(self) -> WantedTimes:
        """List the times that are asked for."""
        of_groups, of_totals = (
            tuple(TIMES[name] for name in TIMES if name in self.names_below(member))
            for member in ("summary", "totals")
        )
        return WantedTimes(of_groups=of_groups, of_totals=of_totals)

    def names_below(self, member: str) -> frozenset[str]:
        """List the names of the subfields of a field of the summary."""
        return frozenset(
            found.name
            for named in self.field.selection.named(member)
            for found in named.selection.fields
        )


def plan_summary(field: FieldSelection) -> SummaryPlan:
    """Plan a `usageSummary` field."""
    groups = list(field.selection.named("summary"))
    inner = [
        ((group.key, found.key), found)
        for group in groups
        for found in group.selection.fields
    ]
    return SummaryPlan(
        field=field,
        objects={
            place: plan_rows(ENTITIES[OBJECTS[found.name][0]], [found.selection])
            for place, found in inner
            if found.name in OBJECTS
        },
        connections={
            place: plan_connection(found, found.source)
            for place, found in inner
            if isinstance(found.source, ToMany)
        },
    )
