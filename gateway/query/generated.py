"""Plans to generated functions that shape rows: one dictionary display a row.

A loop over the plan's members takes some two and a half times as long. The source is
registered with `linecache`, so that a traceback shows it.
"""

import linecache
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import cycle
from typing import Any

from gateway.query.plan import Below, Constant, Inner, Member, ObjectPlan, Value
from gateway.query.values import Convert
from gateway.store.engine import Row

__all__ = ["to_shaper", "to_source"]

Shaper = Callable[[Sequence[Row]], list[dict[str, Any]]]

MAX_SHAPERS = 1_000
NUMBERS = cycle(range(MAX_SHAPERS))


@lru_cache(maxsize=MAX_SHAPERS)
def to_shaper(plan: ObjectPlan) -> Shaper:
    """Compile the function that shapes the rows of a plan."""
    source, converts = to_source(plan)
    name = f"<shaper {next(NUMBERS)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names: dict[str, Any] = {f"c{at}": convert for at, convert in enumerate(converts)}
    exec(compile(source, name, "exec"), names)  # noqa: S102 -- our own source
    shaper: Shaper = names["shape"]
    return shaper


def to_source(plan: ObjectPlan) -> tuple[str, Sequence[Convert]]:
    """Write the function; and give the converters that it calls `c0`, `c1`, ...

    Nothing of a client's text gets into the source but response keys, which are GraphQL
    names, and those as Python literals.
    """
    converts: list[Convert] = []
    body = write_object(plan, converts)
    return f"def shape(rows):\n    return [{body} for r in rows]\n", converts


def write_object(plan: ObjectPlan, converts: list[Convert]) -> str:
    """Write the display of an object."""
    members = (f"{m.key!r}: {write_member(m, converts)}" for m in plan.members)
    return f"{{{', '.join(members)}}}"


def write_member(member: Member, converts: list[Convert]) -> str:
    """Write the expression of one key's value."""
    match member:
        case Constant(value=value):
            return repr(value)
        case Below(position=position):
            return f"r[{position}]"
        case Inner(presence=presence, plan=plan):
            return f"None if r[{presence}] is None else {write_object(plan, converts)}"
        case Value():
            return write_leaf(member, converts)


def write_leaf(leaf: Value, converts: list[Convert]) -> str:
    """Write the expression of a leaf's value."""
    first = f"r[{leaf.positions[0]}]"
    if leaf.convert is None:
        return first
    converts.append(leaf.convert)
    values = ", ".join(f"r[{at}]" for at in leaf.positions)
    return f"None if {first} is None else c{len(converts) - 1}({values})"
