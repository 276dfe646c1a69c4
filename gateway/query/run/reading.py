"""The context of reads: a database connection, the tenant, and failed values."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from gateway.errors import ErrorCode, InputError
from gateway.query.document.selection import NO_VARIABLES
from gateway.query.document.timing import Timings
from gateway.query.plan.pages import PageSizes
from gateway.query.run.shape import Failure
from gateway.query.tenant import Tenant
from gateway.store.database import Database
from gateway.store.engine import Row
from gateway.store.readers import ReadConnection
from gateway.store.selects import AnySelect, bind_values, prepare_select

NO_PAGES = PageSizes(default=0, maximum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The context in which one root field, or one REST route, reads.

    Attributes:
        page_sizes: The limits of connections' pages; REST has no connections.
        variable_values: Those of a GraphQL operation.
        failures: Collects the values that failed.
    """

    database: Database
    reader: ReadConnection
    tenant: Tenant
    timings: Timings
    page_sizes: PageSizes = NO_PAGES
    variable_values: VariableValues = NO_VARIABLES
    failures: list[Failure] = field(default_factory=list)

    def fail(self, exc: GraphQLError | InputError) -> Failure:
        """Record the failure of a field whose arguments are invalid."""
        if isinstance(exc, InputError):
            failed = Failure(exc.message, exc.code)
        else:
            failed = Failure(exc.message, ErrorCode.BAD_USER_INPUT, exc.nodes or ())
        self.failures.append(failed)
        return failed

    async def fetch(
        self,
        values: Mapping[str, Any],
        write: Callable[..., AnySelect],
        *parts: Hashable,
        **named: Hashable,
    ) -> Sequence[Row]:
        """Run a select and fetch all its rows.

        Args:
            values: Of its bind parameters, by name.
            write: Makes the select, once for its arguments.
            parts: The positional arguments of `write`.
            named: Its keyword arguments.

        Raises:
            DatabaseUnavailableError: The database is not there.
        """
        statement = prepare_select(write, self.database.reader.dialect, *parts, **named)
        bound = bind_values(statement, values)
        with self.timings.measure("db"):
            return await self.reader.fetch(statement, bound)
