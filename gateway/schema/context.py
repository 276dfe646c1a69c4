"""What every resolver of a request is given."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
from graphql import GraphQLResolveInfo

from gateway.auth.principal import Principal
from gateway.auth.rate_limits import RateUsage
from gateway.query.documents import Operation
from gateway.query.pages import PageSizes, Tenant
from gateway.query.timing import Timings
from gateway.settings import Settings
from gateway.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request's own values, beside what the process shares.

    Attributes:
        principal: None where introspection is public and nothing else is asked for.
        now: The instant the request counts as having been made at.
        standing: How much of their rate the caller has used; None: there is no limit.
    """

    settings: Settings
    database: Database
    operation: Operation
    principal: Principal | None
    now: datetime
    timings: Timings
    standing: RateUsage | None = None

    @property
    def tenant(self) -> Tenant:
        """Whose rows may be read."""
        if self.principal is None:
            raise TypeError("a resolver runs without a principal")
        return Tenant.of(self.principal)

    @property
    def page_sizes(self) -> PageSizes:
        """How large pages may be."""
        settings = self.settings
        return PageSizes(
            default=settings.default_page_size, maximum=settings.max_page_size
        )

    def plan(
        self,
        info: GraphQLResolveInfo[Any],
        make: Callable[[], Any],
        *parts: Hashable,
    ) -> Any:  # noqa: ANN401 -- what `make` makes
        """Give what a root field works out once for all requests that select alike.

        Args:
            info: The root field's.
            make: Works it out.
            parts: What else it depends on.
        """
        coerced = info.variable_values.coerced
        switches = tuple(coerced.get(name) for name in self.operation.switches)
        return self.operation.plan((info.path.key, switches, *parts), make)


Info = strawberry.Info[Context, None]


def raw_info_of(info: Info) -> GraphQLResolveInfo[Any]:
    """Give graphql-core's own info; Strawberry has no public way to it."""
    return info._raw_info  # noqa: SLF001 -- in this one place
