from datetime import UTC, datetime

import pytest
from sqlalchemy import Integer, bindparam, literal, select

from gateway.store.database import Database
from gateway.store.selects import bind_values, compile_select
from gateway.store.tables import accounts

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
NAME = bindparam("name", type_=accounts.c.account.type)


async def test_a_statement_reads_what_its_select_says(database: Database) -> None:
    async with database.transaction() as conn:
        rows = [{"account": name, "created_at": NOON} for name in "abc"]
        await conn.execute(accounts.insert(), rows)
    statement = compile_select(
        select(accounts.c.account, literal("x"))
        .where(accounts.c.account > NAME, accounts.c.created_at <= bindparam("until"))
        .order_by(accounts.c.account)
        .limit(1),
        database.reader.dialect,
    )
    values = bind_values(statement, {"name": "a", "until": NOON})
    async with database.reading() as reader:
        rows_read = await reader.fetch(statement, values)
    assert [tuple(row) for row in rows_read] == [("b", "x")]


async def test_one_bind_parameter_may_stand_at_several_places(
    database: Database,
) -> None:
    statement = compile_select(
        select((accounts.c.account == NAME) | (accounts.c.account > NAME)),
        database.reader.dialect,
    )
    assert set(statement.names) == {"name"}
    assert set(bind_values(statement, {"name": "a"})) == {"a"}


async def test_values_come_in_the_types_of_the_driver(database: Database) -> None:
    is_old = accounts.c.created_at < NOON
    is_new = accounts.c.created_at > bindparam("since")
    statement = compile_select(select(is_old, is_new), database.reader.dialect)
    micros = int(NOON.timestamp()) * 1_000_000
    assert bind_values(statement, {"since": NOON}) == [micros, micros]


async def test_a_value_wins_over_what_the_select_binds(database: Database) -> None:
    first = bindparam("first", 50, type_=Integer())
    statement = compile_select(select(accounts).limit(first), database.reader.dialect)
    assert bind_values(statement, {})[0] == 50
    assert bind_values(statement, {"first": 7})[0] == 7


async def test_a_value_left_open_must_be_given(database: Database) -> None:
    by_name = select(accounts).where(accounts.c.account == NAME)
    statement = compile_select(by_name, database.reader.dialect)
    with pytest.raises(KeyError, match="name"):
        bind_values(statement, {"account": "a"})


async def test_a_list_is_refused(database: Database) -> None:
    in_list = select(accounts).where(accounts.c.account.in_(["a", "b"]))
    with pytest.raises(ValueError, match="are lists; bind an array instead"):
        compile_select(in_list, database.reader.dialect)
