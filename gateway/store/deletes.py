"""Identities to jobs that are gone, with all that was known of them alone."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.accounts import lock_account
from gateway.store.references import MODELS, USERS, forget_members
from gateway.store.rows import Identity
from gateway.store.statements import delete_rows, find_rows
from gateway.store.tables import jobs
from gateway.store.usage.changes import FACTS, to_changes
from gateway.store.usage.writes import put_usage

PROJECT_AT = FACTS.index("project_id")


async def delete_jobs(
    conn: AsyncConnection, account: str, identities: Sequence[Identity]
) -> int:
    """Delete jobs of an account within the connection's transaction.

    Their inputs and logs go with them. Users, models and projects stay, but a project
    none of whose jobs names a user or model any more does not have it.

    Args:
        conn: In a transaction that writes.
        account: Whose jobs.
        identities: Sources and identifiers; those of no job are passed over.

    Returns:
        How many jobs there were.

    Raises:
        InputError: There is no such account.
    """
    await lock_account(conn, account)
    wanted = ("job_identifier", (identifier for _, identifier in identities))
    names = ("source", "job_identifier", "job_id", *FACTS)
    named = set(identities)
    found = [
        (id, tuple(facts))
        for source, identifier, id, *facts in await find_rows(
            conn, jobs, names, account, wanted
        )
        if (source, identifier) in named
    ]
    await delete_rows(
        conn, jobs, ("account", "job_id"), [(account, id) for id, _ in found]
    )
    gone = [facts for _, facts in found]
    await put_usage(conn, account, to_changes((), gone))
    for kind in (MODELS, USERS):
        at = FACTS.index(kind.id)
        left = {(facts[PROJECT_AT], facts[at]) for facts in gone}
        await forget_members(conn, account, kind, left)
    return len(found)
