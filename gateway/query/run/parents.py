"""Rows of a nested connection by the key of their parent."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from gateway.query.plan.plan import ConnectionPlan
from gateway.store.engine import Row

# The parent of a connection at the root.
ROOT = None
ROOTS = (ROOT,)


def group_by_parent(
    rows: Sequence[Row], plan: ConnectionPlan
) -> Mapping[Any, Sequence[Row]]:
    """Group rows by their parent's key, which is the last value of each."""
    if plan.parent_key is None:
        return {ROOT: rows}
    parent = itemgetter(-1)
    ordered = sorted(rows, key=parent)
    return {key: list(found) for key, found in groupby(ordered, key=parent)}
