"""A GraphQL request, whatever the transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphqlRequest:
    """A GraphQL request whose members have the right JSON types."""

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
