"""What jobs refer to, users and models, to their numbers in the account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from sqlalchemy import BindParameter, Table, bindparam, delete, exists
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.records import JobRecord, UserRecord, declared_fields
from gateway.store.rows import JobRow
from gateway.store.statements import find_rows, insert_missing, insert_rows, update_rows
from gateway.store.tables import jobs, models, project_models, project_users, users

Key = tuple[str | None, ...]
Attributes = tuple[str | None, ...]

USER_ATTRIBUTES = tuple(
    field.name for field in declared_fields(UserRecord) if field.name != "identifier"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A table that jobs refer to.

    Attributes:
        members: The table of which project's jobs name which row.
        key: The columns that name a row; the first is `identifier`.
        attributes: The columns that a newer document can change.
        to_key: Gives the key a record names, if any.
        to_attributes: Gives what a record that names a key tells.
    """

    table: Table
    members: Table
    id: str
    key: tuple[str, ...]
    attributes: tuple[str, ...]
    to_key: Callable[[JobRecord], Key | None]
    to_attributes: Callable[[JobRecord], Attributes]


def to_user_key(record: JobRecord) -> Key | None:
    """Give what names a record's user within the account."""
    user = record.user
    return None if user is None else (user.identifier, record.source.value)


def to_model_key(record: JobRecord) -> Key | None:
    """Give what names a record's model within the account.

    An empty version is none: the unique index takes them for the same.
    """
    model = record.model
    return None if model is None else (model.identifier, model.version or None)


USERS = Kind(
    table=users,
    members=project_users,
    id="user_id",
    key=("identifier", "source"),
    attributes=USER_ATTRIBUTES,
    to_key=to_user_key,
    to_attributes=attrgetter(*(f"user.{name}" for name in USER_ATTRIBUTES)),
)
MODELS = Kind(
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
    """A row of a kind on its way to the database."""

    id: int
    attributes: Attributes
    updated_us: int
    is_new: bool = False
    is_changed: bool = False

    def merge(self, told: Attributes, updated_us: int) -> None:
        """Take what a document tells, unless it is older; keep what it does not."""
        if updated_us < self.updated_us:
            return
        if told != self.attributes:
            self.attributes = tuple(
                old if new is None else new
                for new, old in zip(told, self.attributes, strict=True)
            )
            self.is_changed = True
        if updated_us > self.updated_us:
            self.updated_us = updated_us
            self.is_changed = True


@dataclass(slots=True, kw_only=True)
class References:
    """The rows of a kind that a batch names; new ones take the next number."""

    kind: Kind
    next_id: int
    by_key: dict[Key, Reference] = field(default_factory=dict)

    def add(self, key: Key, row: JobRow) -> Reference:
        """Note what a document tells of the row it names."""
        told = self.kind.to_attributes(row.record)
        known = self.by_key.get(key)
        if known is not None:
            known.merge(told, row.updated_us)
            return known
        known = Reference(
            id=self.next_id, attributes=told, updated_us=row.updated_us, is_new=True
        )
        self.by_key[key] = known
        self.next_id += 1
        return known

    def find(self, record: JobRecord) -> int | None:
        """Give the number of the row that a record names, if it names one."""
        key = self.kind.to_key(record)
        return None if key is None else self.by_key[key].id


async def put_kind(
    conn: AsyncConnection,
    account: str,
    kind: Kind,
    rows: Iterable[JobRow],
    next_id: int,
) -> References:
    """Write the users or models that documents name, and in which projects."""
    told = [(key, row) for row in rows if (key := kind.to_key(row.record)) is not None]
    references = References(kind=kind, next_id=next_id)
    await read_known(conn, account, references, {str(key[0]) for key, _ in told})
    members = set()
    for key, row in told:
        reference = references.add(key, row)
        if row.record.project_id is not None:
            members.add((account, row.record.project_id, reference.id))
    await put_references(conn, account, references)
    names = ("account", "project_id", kind.id)
    await insert_missing(conn, kind.members, names, sorted(members))
    return references


async def read_known(
    conn: AsyncConnection, account: str, references: References, identifiers: set[str]
) -> None:
    """Read the rows that are there."""
    kind = references.kind
    names = (kind.id, "updated_at", *kind.key, *kind.attributes)
    wanted = ("identifier", identifiers)
    width = len(kind.key)
    for id, updated_us, *rest in await find_rows(
        conn, kind.table, names, account, wanted
    ):
        references.by_key[tuple(rest[:width])] = Reference(
            id=id, updated_us=updated_us, attributes=tuple(rest[width:])
        )


async def put_references(
    conn: AsyncConnection, account: str, references: References
) -> None:
    """Write the rows that are new or changed."""
    kind = references.kind
    told = ("updated_at", *kind.attributes)
    new = [
        (account, row.id, *key, row.updated_us, *row.attributes)
        for key, row in references.by_key.items()
        if row.is_new
    ]
    await insert_rows(conn, kind.table, ("account", kind.id, *kind.key, *told), new)
    changed = [
        (row.updated_us, *row.attributes, account, row.id)
        for row in references.by_key.values()
        if row.is_changed and not row.is_new
    ]
    await update_rows(conn, kind.table, told, ("account", kind.id), changed)


async def forget_members(
    conn: AsyncConnection,
    account: str,
    kind: Kind,
    pairs: Iterable[tuple[int | None, int | None]],
) -> None:
    """Take users or models out of projects none of whose jobs names them any more.

    Args:
        conn: Of the transaction that has changed jobs.
        account: Whose.
        kind: Users or models.
        pairs: Numbers of projects and members that jobs named before they changed.
    """
    project_id: BindParameter[int] = bindparam("project")
    member_id: BindParameter[int] = bindparam("member")
    members = kind.members.c
    unnamed = ~exists().where(
        jobs.c.account == account,
        jobs.c[kind.id] == member_id,
        jobs.c.project_id == project_id,
    )
    forgotten = delete(kind.members).where(
        members.account == account,
        members.project_id == project_id,
        members[kind.id] == member_id,
        unnamed,
    )
    values = [
        {"project": project, "member": member}
        for project, member in set(pairs)
        if project is not None and member is not None
    ]
    if values:
        await conn.execute(forgotten, values)
