"""Object plans to generated functions that convert rows: one dict display per row.

A loop over the plan's members takes about three times as long. The source is registered
with `linecache`, so that tracebacks show it.
"""

import linecache
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import cycle
from typing import Any

from gateway.query.plan.plan import Constant, Inline, Member, Nested, ObjectPlan, Scalar
from gateway.query.values import FAST_FORMS, FAST_NAMES, Convert
from gateway.store.engine import Row

Shaper = Callable[[Sequence[Row]], list[dict[str, Any]]]

MAX_SHAPERS = 1_000
NUMBERS = cycle(range(MAX_SHAPERS))


@lru_cache(maxsize=MAX_SHAPERS)
def compile_shaper(plan: ObjectPlan, width: int) -> Shaper:
    """Compile the function that converts rows of `width` values to a plan's objects."""
    source, converts = write_shaper(plan, width)
    name = f"<shaper {next(NUMBERS)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names: dict[str, Any] = {**FAST_NAMES, **converts}
    exec(compile(source, name, "exec"), names)  # noqa: S102 -- our own source
    shaper: Shaper = names["shape"]
    return shaper


def write_shaper(plan: ObjectPlan, width: int) -> tuple[str, Mapping[str, Convert]]:
    """Write the function's source; and map the names it calls to converters.

    Of a client's text only response keys get into the source: GraphQL names, written as
    Python literals.
    """
    converts: dict[str, Convert] = {}
    body = write_object(plan, converts)
    row = "".join(f"v{at}, " for at in range(width))
    return f"def shape(rows):\n    return [{body} for {row}in rows]\n", converts


def write_object(plan: ObjectPlan, converts: dict[str, Convert]) -> str:
    """Write the dict display of an object."""
    members = (f"{m.key!r}: {write_member(m, converts)}" for m in plan.members)
    return f"{{{', '.join(members)}}}"


def write_member(member: Member, converts: dict[str, Convert]) -> str:
    """Write the expression for one key's value."""
    match member:
        case Constant(value=value):
            return repr(value)
        case Nested(position=position):
            return f"v{position}"
        case Inline(presence=presence, plan=plan):
            return f"None if v{presence} is None else {write_object(plan, converts)}"
        case Scalar():
            return write_leaf(member, converts)


def write_leaf(leaf: Scalar, converts: dict[str, Convert]) -> str:
    """Write the expression for a leaf's value; most need no call."""
    first = f"v{leaf.positions[0]}"
    if leaf.convert is None:
        return first
    name = f"c{len(converts)}"
    converts[name] = leaf.convert
    call = f"{name}({', '.join(f'v{at}' for at in leaf.positions)})"
    fast = FAST_FORMS.get(leaf.convert)
    converted = call if fast is None else f"{fast.format(v=first)} else {call}"
    return f"None if {first} is None else {converted}"
