import traceback

import pytest
from graphql import GraphQLError

from gateway.query.document.selection import ObjectSelection
from gateway.query.plan.plan import Constant, Inline, Member, Nested, ObjectPlan, Scalar
from gateway.query.run.generated import compile_shaper, write_shaper
from gateway.query.run.shape import Failure, shape_objects, shape_plainly
from gateway.query.values import to_int

NOTHING = ObjectSelection(type_name="Thing", fields=())


def to_plan(*members: Member) -> ObjectPlan:
    return ObjectPlan(selection=NOTHING, members=members)


def join(left: int, right: int | None) -> str:
    return f"{left}-{right}"


LEAF = Scalar(key="leaf", positions=(0,), convert=None)
NUMBER = Scalar(key="number", positions=(1,), convert=to_int)
PAIR = Scalar(key="pair", positions=(1, 2), convert=join)
PLAN = to_plan(
    PAIR,
    LEAF,
    Constant(key="__typename", value="Thing"),
    Inline(key="inner", presence=2, plan=to_plan(NUMBER, LEAF)),
)
ROWS = [("a", 1, 2), ("b", None, None), (None, 2**31, None)]


def test_a_row_becomes_an_object_in_the_order_of_the_plan() -> None:
    (found, *_) = shape_objects(PLAN, ROWS, [])
    assert list(found) == ["pair", "leaf", "__typename", "inner"]
    inner = {"number": 1, "leaf": "a"}
    assert list(found.values()) == ["1-2", "a", "Thing", inner]


def test_what_is_not_there_is_null() -> None:
    (_, found, _) = shape_objects(PLAN, ROWS, [])
    assert (found["pair"], found["inner"]) == (None, None)


def test_the_generated_function_does_what_the_loop_does() -> None:
    assert compile_shaper(PLAN, 3)(ROWS) == shape_plainly(PLAN, ROWS, [])


def test_a_value_that_breaks_stands_where_it_broke_and_alone() -> None:
    broken: list[Failure] = []
    plan = to_plan(NUMBER, LEAF)
    (first, _, last) = shape_objects(plan, ROWS, broken)
    assert (first["number"], last["number"], last["leaf"]) == (1, broken[0], None)
    assert "non 32-bit" in broken[0].message


def test_a_traceback_shows_the_generated_source() -> None:
    plan = to_plan(Scalar(key="pair", positions=(0,), convert=fail))
    with pytest.raises(GraphQLError) as caught:
        compile_shaper(plan, 3)(ROWS)
    text = "".join(traceback.format_exception(caught.value))
    assert write_shaper(plan, 3)[0].splitlines()[1].strip() in text


def fail(_: object) -> None:
    raise GraphQLError("no")


def test_a_plan_knows_whether_connections_are_left_to_read() -> None:
    below = Nested(key="jobs", position=0, plan=None)  # type: ignore[arg-type]  # unread
    inner = Inline(key="inner", presence=0, plan=to_plan(below))
    assert not PLAN.has_connections
    assert to_plan(LEAF, inner).has_connections
