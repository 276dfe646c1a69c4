from datetime import UTC, datetime

import pytest

from gateway.errors import InputError, RequestError
from gateway.web.rest.parameters import (
    Parameters,
    choice,
    flag,
    instant,
    integer,
    parse_parameters,
    text,
    words,
)

AT = instant("at", "An instant.")
NINE = datetime(2024, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        "2024-03-01T09:00:00Z",
        "2024-03-01T09:00:00.000%2B00:00",
        "2024-03-01T09:00:00+00:00",
        "2024-03-01T09:00:00.000+0000",
        "2024-03-01T14:30:00,0+05:30",
        "2024-03-01T04:00:00-05:00",
        "2024-03-01T09:00",
        "2024-03-01+09:00",
        "2024-03-01 09:00:00 00:00",
    ],
)
def test_an_instant_is_read_as_clients_send_it(given: str) -> None:
    assert parse_parameters(f"at={given}".encode()).one(AT) == NINE


@pytest.mark.parametrize(
    "given", ["at", "1709283600", "2024-13-01", "09:00", "2024-03-01T09:00:00 Zulu"]
)
def test_what_is_no_instant_is_told(given: str) -> None:
    query = Parameters(pairs=[("at", given)])
    with pytest.raises(InputError, match=r"^at is '.+'; give an instant of ISO 8601"):
        query.one(AT)


@pytest.mark.parametrize(
    ("given", "value"), [("True", True), ("true", True), ("False", False)]
)
def test_a_flag_is_read_as_python_and_javascript_write_it(
    given: str, *, value: bool
) -> None:
    assert Parameters(pairs=[("is", given)]).one(flag("is", "A flag.")) is value


@pytest.mark.parametrize("given", ["-1", "11", "1.0", "٣", "1e1", "0x1", "9" * 5_000])
def test_an_integer_out_of_range_is_told(given: str) -> None:
    parameter = integer("n", "A number.", least=0, most=10)
    with pytest.raises(InputError, match="give an integer from 0 to 10") as caught:
        Parameters(pairs=[("n", given)]).one(parameter)
    assert len(caught.value.message) < 200


def test_a_choice_has_no_case() -> None:
    parameter = choice("way", "A way.", ("up", "down"))
    assert Parameters(pairs=[("way", "UP")]).one(parameter) == "up"


def test_what_is_given_twice_is_refused_unless_it_is_a_list() -> None:
    query = parse_parameters(b"a=1&a=2")
    assert query.all(words("a", "Words.")) == ["1", "2"]
    with pytest.raises(InputError, match="a is given twice"):
        query.one(text("a", "A text."))


def test_no_route_reads_what_it_does_not_describe() -> None:
    query = parse_parameters(b"a=1", known=[AT])
    with pytest.raises(TypeError, match="a is read and not described"):
        query.one(text("a", "A text."))


def test_an_empty_text_is_none() -> None:
    query = parse_parameters(b"a=&b")
    assert (query.one(text("a", "")), query.all(words("b", ""))) == (None, [])


@pytest.mark.parametrize(
    ("query_string", "told"), [(b"", "at is missing"), (b"at=", "at is ''")]
)
def test_what_is_needed_must_be_there(query_string: bytes, told: str) -> None:
    with pytest.raises(InputError, match=f"{told}; give an instant"):
        parse_parameters(query_string).need(AT)


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        (b"a=%ff", "is not UTF-8"),
        (b"a=\xff", "is not UTF-8"),
        (b"&".join([b"a=1"] * 51), "more than 50 parameters"),
        (b"a" * 8_193, "has 8193 bytes"),
    ],
    ids=["percent", "raw", "many", "long"],
)
def test_a_query_string_that_nobody_sends_is_refused(
    query_string: bytes, message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        parse_parameters(query_string)
