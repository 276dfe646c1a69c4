"""Users and models that jobs refer to, to their numbers in the account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from sqlalchemy import BindParameter, Table, bindparam, delete, exists
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.records import JobRecord, UserRecord, declared_fields
from gateway.store.rows import JobRow
from gateway.store.statements import find_rows, insert_missing, insert_rows, update_rows
from gateway.store.tables import jobs, models, project_models, project_users, users

ReferenceKey = tuple[str | None, ...]
Attributes = tuple[str | None, ...]

USER_ATTRIBUTES = tuple(
    field.name for field in declared_fields(UserRecord) if field.name != "identifier"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencedTable:
    """A table that jobs refer to.

    Attributes:
        members: The table of the projects whose jobs refer to a row.
        key: The columns that identify a row; the first is `identifier`.
        attributes: The columns that a newer document can change.
        to_key: Gives the key of the row a job refers to, if any.
        to_attributes: Gives the attributes that the job's document has of it.
    """

    table: Table
    members: Table
    id: str
    key: tuple[str, ...]
    attributes: tuple[str, ...]
    to_key: Callable[[JobRecord], ReferenceKey | None]
    to_attributes: Callable[[JobRecord], Attributes]


def to_user_key(record: JobRecord) -> ReferenceKey | None:
    """Give the key of a job's user within the account."""
    user = record.user
    return None if user is None else (user.identifier, record.source.value)


def to_model_key(record: JobRecord) -> ReferenceKey | None:
    """Give the key of a job's model within the account.

    An empty version is none: to the unique index they are the same.
    """
    model = record.model
    return None if model is None else (model.identifier, model.version or None)


USERS = ReferencedTable(
    table=users,
    members=project_users,
    id="user_id",
    key=("identifier", "source"),
    attributes=USER_ATTRIBUTES,
    to_key=to_user_key,
    to_attributes=attrgetter(*(f"user.{name}" for name in USER_ATTRIBUTES)),
)
MODELS = ReferencedTable(
    table=models,
    members=project_models,
    id="model_id",
    key=("identifier", "version"),
    attributes=("name",),
    to_key=to_model_key,
    to_attributes=lambda record: (record.model.name,) if record.model else (),
)


@dataclass(slots=True, kw_only=True)
class Reference:
    """A user or model that a batch refers to."""

    id: int
    attributes: Attributes
    updated_us: int
    is_new: bool = False
    is_changed: bool = False

    def merge(self, attributes: Attributes, updated_us: int) -> None:
        """Update the attributes that a document has, unless it is older."""
        if updated_us < self.updated_us:
            return
        if attributes != self.attributes:
            self.attributes = tuple(
                old if new is None else new
                for new, old in zip(attributes, self.attributes, strict=True)
            )
            self.is_changed = True
        if updated_us > self.updated_us:
            self.updated_us = updated_us
            self.is_changed = True


@dataclass(slots=True, kw_only=True)
class References:
    """The users or models that a batch refers to; new ones get the next number."""

    target: ReferencedTable
    next_id: int
    by_key: dict[ReferenceKey, Reference] = field(default_factory=dict)

    def add(self, key: ReferenceKey, row: JobRow) -> Reference:
        """Add or update the user or model that a document refers to."""
        attributes = self.target.to_attributes(row.record)
        known = self.by_key.get(key)
        if known is not None:
            known.merge(attributes, row.updated_us)
            return known
        known = Reference(
            id=self.next_id,
            attributes=attributes,
            updated_us=row.updated_us,
            is_new=True,
        )
        self.by_key[key] = known
        self.next_id += 1
        return known

    def find(self, record: JobRecord) -> int | None:
        """Give the number of the user or model that a job refers to, if any."""
        key = self.target.to_key(record)
        return None if key is None else self.by_key[key].id


async def put_referenced(
    conn: AsyncConnection,
    account: str,
    target: ReferencedTable,
    rows: Iterable[JobRow],
    next_id: int,
) -> References:
    """Write the users or models that documents refer to, and their projects."""
    referring = [
        (key, row) for row in rows if (key := target.to_key(row.record)) is not None
    ]
    references = References(target=target, next_id=next_id)
    await read_references(
        conn, account, references, {str(key[0]) for key, _ in referring}
    )
    members = set()
    for key, row in referring:
        reference = references.add(key, row)
        if row.record.project_id is not None:
            members.add((account, row.record.project_id, reference.id))
    await put_references(conn, account, references)
    names = ("account", "project_id", target.id)
    await insert_missing(conn, target.members, names, sorted(members))
    return references


async def read_references(
    conn: AsyncConnection, account: str, references: References, identifiers: set[str]
) -> None:
    """Read the users or models that are stored."""
    target = references.target
    names = (target.id, "updated_at", *target.key, *target.attributes)
    wanted = ("identifier", identifiers)
    width = len(target.key)
    for id, updated_us, *rest in await find_rows(
        conn, target.table, names, account, wanted
    ):
        references.by_key[tuple(rest[:width])] = Reference(
            id=id, updated_us=updated_us, attributes=tuple(rest[width:])
        )


async def put_references(
    conn: AsyncConnection, account: str, references: References
) -> None:
    """Insert new users or models and update changed ones."""
    target = references.target
    columns = ("updated_at", *target.attributes)
    new = [
        (account, row.id, *key, row.updated_us, *row.attributes)
        for key, row in references.by_key.items()
        if row.is_new
    ]
    await insert_rows(
        conn,
        target.table,
        ("account", target.id, *target.key, *columns),
        new,
    )
    changed = [
        (row.updated_us, *row.attributes, account, row.id)
        for row in references.by_key.values()
        if row.is_changed and not row.is_new
    ]
    await update_rows(conn, target.table, columns, ("account", target.id), changed)


async def delete_stale_members(
    conn: AsyncConnection,
    account: str,
    target: ReferencedTable,
    pairs: Iterable[tuple[int | None, int | None]],
) -> None:
    """Take users or models out of projects none of whose jobs refers to them any more.

    Args:
        conn: Of the transaction that has changed jobs.
        account: Whose jobs.
        target: Users or models.
        pairs: Numbers of projects and members that jobs had before they changed.
    """
    project_id: BindParameter[int] = bindparam("project")
    member_id: BindParameter[int] = bindparam("member")
    members = target.members.c
    unnamed = ~exists().where(
        jobs.c.account == account,
        jobs.c[target.id] == member_id,
        jobs.c.project_id == project_id,
    )
    stale = delete(target.members).where(
        members.account == account,
        members.project_id == project_id,
        members[target.id] == member_id,
        unnamed,
    )
    values = [
        {"project": project, "member": member}
        for project, member in set(pairs)
        if project is not None and member is not None
    ]
    if values:
        await conn.execute(stale, values)
