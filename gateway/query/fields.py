"""Rules of GraphQL fields: data source, required scope and page size.

They are declared once, in the extensions of the GraphQL field; selections carry the
source to the plan.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField
from sqlalchemy import Table

from gateway.query.values import Convert
from gateway.store.tables import job_inputs, job_logs, jobs, models, users

# The key of a field's `FieldRules` in the extensions of a graphql-core field.
RULES = "gateway"

# The column by which a job refers to its row in another table.
JOIN_KEYS = {"models": "model_id", "users": "user_id", "job_logs": "job_id"}

TABLES: Mapping[str, Table] = {
    table.name: table for table in (jobs, models, users, job_inputs, job_logs)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A type whose rows connections list.

    Attributes:
        key: The column that, with the account and the owner, identifies a row.
        owner: The column of the owning row's key, where rows are numbered per owner.
        identity: The columns that identify a row in its source.
        order: The column pages are ordered by unless the client says otherwise.
    """

    table: str
    key: str
    identity: tuple[str, ...]
    order: str
    is_descending: bool = False
    owner: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The columns that, with the account, identify a row."""
        return (self.key,) if self.owner is None else (self.owner, self.key)


ENTITIES: Mapping[str, Entity] = {
    "Job": Entity(
        table="jobs",
        key="job_id",
        identity=("source", "job_identifier"),
        order="created_at",
        is_descending=True,
    ),
    "Model": Entity(
        table="models",
        key="model_id",
        identity=("identifier", "version"),
        order="identifier",
    ),
    "User": Entity(
        table="users",
        key="user_id",
        identity=("source", "identifier"),
        order="identifier",
    ),
    "JobInputItem": Entity(
        table="job_inputs",
        key="position",
        owner="job_id",
        identity=("job_id", "position"),
        order="position",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A scalar or enum from one or more columns.

    Attributes:
        table: The table of the columns; None is the one of the object around the field.
        convert: Makes the response value from the columns' values; None keeps the
            value of the one column.
    """

    columns: tuple[str, ...]
    table: str | None = None
    convert: Convert | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """An object from columns of the same row; null where `presence` is null."""

    presence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToOne:
    """An object from the row of another table, joined by that table's key."""

    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToMany:
    """A connection over the rows of another table.

    Attributes:
        parent_key: The column both tables share; None for a connection at the root.
    """

    entity: str
    parent_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRule:
    """How many nodes a field gives: by one of its arguments, or else by default.

    Attributes:
        maximum: The most nodes it can give, since larger arguments are refused; None:
            the largest page size.
    """

    arguments: tuple[str, ...]
    default: int
    maximum: int | None = None


Source = Leaf | Embedded | ToOne | ToMany


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRules:
    """What the gateway must know of a field beyond its GraphQL type.

    Attributes:
        source: Where its value comes from; None where a resolver or a plan makes it.
        scope: The scope a credential needs to select it.
        size: How many nodes it gives; None where it gives at most one.
        plan: Plans a root field from its `FieldSelection`; its resolver then gives a
            `Finished` value.
        read: Resolves it in place of its resolver, which then only declares the
            arguments; they are read from the document.
        is_introspection: Whether it describes the schema alone, as `__schema` does.
    """

    source: Source | None = None
    scope: str | None = None
    size: SizeRule | None = None
    plan: Callable[..., Any] | None = None
    read: Callable[..., Awaitable[Any]] | None = None
    is_introspection: bool = False


NO_RULES = FieldRules()


def rules_of(definition: GraphQLField | None) -> FieldRules:
    """Give the rules of a field; None stands for an unknown field."""
    if definition is None:
        return NO_RULES
    rules: FieldRules = definition.extensions.get(RULES, NO_RULES)
    return rules
