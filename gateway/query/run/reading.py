"""What one answer is read with: a connection, whose rows, and what breaks."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql.execution.values import VariableValues

from gateway.query.document.selection import NO_VARIABLES
from gateway.query.document.timing import Timings
from gateway.query.plan.pages import PageSizes
from gateway.query.run.shape import Broken
from gateway.query.tenant import Tenant
from gateway.store.database import Database
from gateway.store.engine import Row
from gateway.store.readers import Reader
from gateway.store.selects import AnySelect, prepare, values_of

NO_PAGES = PageSizes(default=0, maximum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one root field, or one REST route, reads with.

    Attributes:
        page_sizes: How large pages of connections may be; REST has none.
        variable_values: Those of a GraphQL operation.
        broken: Takes the values that the fields' types cannot hold.
    """

    database: Database
    reader: Reader
    tenant: Tenant
    timings: Timings
    page_sizes: PageSizes = NO_PAGES
    variable_values: VariableValues = NO_VARIABLES
    broken: list[Broken] = field(default_factory=list)

    def break_at(self, found: Broken) -> Broken:
        """Note what is broken."""
        self.broken.append(found)
        return found

    async def fetch(
        self,
        values: Mapping[str, Any],
        write: Callable[..., AnySelect],
        *parts: Hashable,
        **named: Hashable,
    ) -> Sequence[Row]:
        """Run a select.

        Args:
            values: Of its bind parameters, by name.
            write: Writes the select, once for its arguments.
            parts: Its arguments.
            named: Likewise, by name.

        Raises:
            DatabaseUnavailableError: The database is not there.
        """
        statement = prepare(write, self.database.reader.dialect, *parts, **named)
        bound = values_of(statement, values)
        with self.timings.measure("db"):
            return await self.reader.fetch(statement, bound)
