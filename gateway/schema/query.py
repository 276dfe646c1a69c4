"""The query root."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from gateway.errors import InputError
from gateway.query.fields import RULES, FieldRules, SizeRule, ToMany
from gateway.query.plan.filters import Filter, any_of, combine
from gateway.query.plan.node_ids import decode_node_id
from gateway.query.usage.plan import plan_summary
from gateway.records import JobSource
from gateway.schema.fields import PAGE_SIZE, jobs_arguments, page_arguments
from gateway.schema.nodes import (
    Job,
    JobConnection,
    Model,
    ModelConnection,
    User,
    UserConnection,
)
from gateway.schema.nodes_by_id import look_up_nodes, read_nodes_by_id
from gateway.schema.reading import look_up, plan_list, plan_look_up, read_list
from gateway.schema.relay import Node
from gateway.schema.roots import Root
from gateway.schema.upstreams import Upstream, resolve_sources
from gateway.schema.usage import UsageSummary, resolve_usage_summary
from gateway.schema.viewer import Viewer, resolve_viewer

# What to tell a client whose identifier several rows have, by type.
AMBIGUITIES = {
    "Job": "is known to several sources; name one in source",
    "Model": "has several versions; name one in version",
    "User": "is known to several sources; name one in source",
}
LOOKS_UP = FieldRules(scope="jobs:read", plan=plan_look_up)
MAX_NODE_IDS = 100


def root_connection(entity: str) -> FieldRules:
    """Make the rules of a root field that is a connection of an entity."""
    return FieldRules(
        source=ToMany(entity=entity),
        scope="jobs:read",
        size=PAGE_SIZE,
        plan=plan_list,
        read=read_list,
    )


Source = Annotated[
    JobSource | None,
    strawberry.argument(
        description="The system that knows it; needed where several have the same."
    ),
]


async def resolve_job(
    root: Root,
    job_identifier: Annotated[
        str, strawberry.argument(description="Identifier in the source.")
    ],
    source: Source = strawberry.UNSET,
) -> Job | None:
    """Look up one job."""
    restriction = by_source("job_identifier", job_identifier, source or None)
    return await look_up_one(root, "Job", restriction, job_identifier)  # type: ignore[no-any-return]  # finished


async def resolve_user(
    root: Root,
    identifier: Annotated[
        str, strawberry.argument(description="Identifier in the source.")
    ],
    source: Source = strawberry.UNSET,
) -> User | None:
    """Look up one user."""
    restriction = by_source("identifier", identifier, source or None)
    return await look_up_one(root, "User", restriction, identifier)  # type: ignore[no-any-return]  # finished


def by_source(column: str, identifier: str, source: JobSource | None) -> Filter:
    """Restrict rows to an identifier, and to a source if one is given."""
    parts = [any_of(column, [identifier])]
    if source is not None:
        parts.append(any_of("source", [source.value]))
    return combine(parts)


async def resolve_model(
    root: Root,
    identifier: Annotated[
        str, strawberry.argument(description="Identifier in its registry.")
    ],
    version: Annotated[
        str | None,
        strawberry.argument(description="Version; needed where there are several."),
    ] = strawberry.UNSET,
) -> Model | None:
    """Look up one model."""
    parts = [any_of("identifier", [identifier])]
    if version:
        parts.append(any_of("version", [version]))
    return await look_up_one(root, "Model", combine(parts), identifier)  # type: ignore[no-any-return]  # finished


async def look_up_one(
    root: Root, type_name: str, restriction: Filter, identifier: str
) -> Any:  # noqa: ANN401 -- a finished object
    """Look up the only row that matches a restriction.

    Raises:
        InputError: There are several.
    """
    found, finish = await look_up(root, type_name, restriction, 2)
    if len(found) > 1:
        raise InputError(f"{identifier!r} {AMBIGUITIES[type_name]}")
    return finish(next(iter(found.values()), None))


async def resolve_node(
    root: Root,
    id: Annotated[strawberry.ID, strawberry.argument(description="Its identifier.")],
) -> Node | None:
    """Look up one node."""
    node_id = decode_node_id(id)
    found, finish = await look_up_nodes(root, node_id.type_name, [node_id])
    return finish(found.get(node_id))  # type: ignore[no-any-return]  # finished


async def resolve_nodes(
    root: Root,
    ids: Annotated[
        list[strawberry.ID],
        strawberry.argument(description="Their identifiers, at most 100."),
    ],
) -> list[Node | None]:
    """Look up several nodes, all of one type in one statement."""
    if len(ids) > MAX_NODE_IDS:
        raise InputError(f"ids has {len(ids)} items; give at most {MAX_NODE_IDS}")
    return await read_nodes_by_id(root, [decode_node_id(id) for id in ids])  # type: ignore[no-any-return]  # finished


@strawberry.type(description="What can be asked.")
class Query:
    viewer: Viewer = strawberry.field(
        resolver=resolve_viewer,
        description="Who is asking: account, credential, scopes, the server's clock.",
    )
    sources: list[Upstream] = strawberry.field(
        resolver=resolve_sources,
        description="The source systems that the account's jobs are fetched from, by"
        " name; a caller of one project sees those of the project.",
        # An account has few of them.
        metadata={
            RULES: FieldRules(
                scope="jobs:read", size=SizeRule(arguments=(), default=10)
            )
        },
    )
    node: Node | None = strawberry.field(
        resolver=resolve_node,
        description="A job, model or user by its global identifier; null: there is"
        " none that the caller may see.",
        metadata={RULES: LOOKS_UP},
    )
    nodes: list[Node | None] = strawberry.field(
        resolver=resolve_nodes,
        description="Jobs, models and users by their global identifiers, in the order"
        " of `ids`; null where there is none that the caller may see.",
        metadata={
            RULES: replace(
                LOOKS_UP,
                size=SizeRule(arguments=("ids",), default=100, maximum=MAX_NODE_IDS),
            )
        },
    )
    job: Job | None = strawberry.field(
        resolver=resolve_job,
        description="A job by its identifier; null: there is none that the caller may"
        " see.",
        metadata={RULES: LOOKS_UP},
    )
    jobs: JobConnection = strawberry.field(
        resolver=jobs_arguments,
        description="Jobs, a page at a time.",
        metadata={RULES: root_connection("Job")},
    )
    model: Model | None = strawberry.field(
        resolver=resolve_model,
        description="A model by its identifier; null: there is none that the caller"
        " may see.",
        metadata={RULES: LOOKS_UP},
    )
    models: ModelConnection = strawberry.field(
        resolver=page_arguments,
        description="Models that jobs ran, a page at a time, by identifier.",
        metadata={RULES: root_connection("Model")},
    )
    user: User | None = strawberry.field(
        resolver=resolve_user,
        description="A user by their identifier; null: there is none that the caller"
        " may see.",
        metadata={RULES: LOOKS_UP},
    )
    users: UserConnection = strawberry.field(
        resolver=page_arguments,
        description="Users that jobs belong to, a page at a time, by identifier.",
        metadata={RULES: root_connection("User")},
    )
    usage_summary: UsageSummary = strawberry.field(
        resolver=resolve_usage_summary,
        description="How much compute was used in a window of time. A job's run counts"
        " with the part of it that lies inside, so that adjacent windows add up.",
        metadata={RULES: FieldRules(scope="usage:read", plan=plan_summary)},
    )
