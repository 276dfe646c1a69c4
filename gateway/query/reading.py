"""What one root field reads with: a connection, whose rows, and what breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql.execution.values import VariableValues

from gateway.query.pages import PageSizes, Tenant
from gateway.query.shape import Broken
from gateway.query.timing import Timings
from gateway.store.database import Database
from gateway.store.engine import Row
from gateway.store.keyed import to_list_value
from gateway.store.readers import Reader
from gateway.store.selects import Statement, values_of

__all__ = ["Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one root field reads with.

    Attributes:
        broken: Takes the values that the fields' types cannot hold.
    """

    database: Database
    reader: Reader
    tenant: Tenant
    page_sizes: PageSizes
    variable_values: VariableValues
    timings: Timings
    broken: list[Broken] = field(default_factory=list)

    def break_at(self, found: Broken) -> Broken:
        """Note what is broken."""
        self.broken.append(found)
        return found

    async def fetch(
        self, statement: Statement, values: Mapping[str, Any]
    ) -> Sequence[Row]:
        """Run a statement; a list among the values is one parameter."""
        encoded = {
            name: to_list_value(value, self.database.reader)
            if isinstance(value, list)
            else value
            for name, value in values.items()
        }
        bound = values_of(statement, encoded)
        with self.timings.measure("db"):
            return await self.reader.fetch(statement.sql, bound)
