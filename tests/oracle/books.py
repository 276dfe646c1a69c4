"""Lists to the cursors of their rows, as the gateway gives them."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.auth.principal import Principal
from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Operations
from tests.oracle.arguments import CursorOf
from tests.oracle.objects import Plain
from tests.oracle.pages import Cursor
from tests.oracle.records import BASE, World

ROWS = "edges { cursor node { id } }"
LISTS = {
    "Job": "query($filter: JobFilter, $orderBy: JobOrder)"
    f" {{ list: jobs(first: 100, filter: $filter, orderBy: $orderBy) {{ {ROWS} }} }}",
    "Model": f"{{ list: models(first: 100) {{ {ROWS} }} }}",
    "User": f"{{ list: users(first: 100) {{ {ROWS} }} }}",
}
INPUTS = "{ jobs(first: 100) { nodes { jobInputs(first: 9) { edges { cursor } } } } }"


async def read_cursors(
    operations: Operations, world: World, wanted: CursorOf, principal: Principal
) -> Sequence[tuple[str, Cursor]]:
    """Give the cursors of a list, each with the one it is on the plain side."""
    edges = await read_edges(operations, wanted, principal)
    if wanted.type_name not in LISTS:
        return [
            (edge["cursor"], Cursor(f"JobInputItem {at}"))
            for at, edge in enumerate(edges)
        ]
    numbers = to_numbers(world, wanted.type_name, principal)
    return [
        (edge["cursor"], Cursor(f"{wanted.type_name} {numbers[edge['node']['id']]}"))
        for edge in edges
    ]


async def read_edges(
    operations: Operations, wanted: CursorOf, principal: Principal
) -> Sequence[Any]:
    """Read the edges of a list; of inputs, those of the job that has most."""
    text = LISTS.get(wanted.type_name, INPUTS)
    request = GraphqlRequest(query=text, variables=wanted.arguments)
    payload = (await operations.execute(request, principal)).payload
    if wanted.type_name in LISTS:
        edges: Sequence[Any] = payload["data"]["list"]["edges"]
        return edges
    lists = [job["jobInputs"]["edges"] for job in payload["data"]["jobs"]["nodes"]]
    return max(lists, key=len, default=[])


def to_numbers(world: World, type_name: str, principal: Principal) -> Mapping[str, int]:
    """Number the objects of a type by their global identifiers."""
    plain = Plain(world=world, principal=principal, now=BASE)
    if type_name == "Job":
        return {plain.to_job(stored)["id"]: stored.number for stored in world.jobs}
    listing = plain.model_list() if type_name == "Model" else plain.user_list()
    return {listing.make(item)["id"]: listing.number(item) for item in listing.items}
