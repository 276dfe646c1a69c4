import pytest

from gateway.cli.usage.text import to_cost_text, to_duration_text, to_label


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0s"),
        (999, "999ms"),
        (1_000, "1s"),
        (59_999, "59.999s"),
        (60_000, "1m 00s"),
        (3_599_999, "59m 59s"),
        (3_600_000, "1h 00m"),
        (86_399_999, "23h 59m"),
        (86_400_000, "1d 00h"),
        (86_400_000 * 12_345 + 3_600_000, "12,345d 01h"),
        (2**63, "106,751,991,167d 07h"),
    ],
)
def test_a_duration_has_two_units(duration_ms: int, text: str) -> None:
    assert to_duration_text(duration_ms) == text


def test_money_keeps_its_digits() -> None:
    cost = [
        {"amount": "1234567.800000001", "currency": "USD"},
        {"amount": "0.50", "currency": "EUR"},
    ]
    assert to_cost_text(cost) == "1,234,567.800000001 USD, 0.50 EUR"


@pytest.mark.parametrize(
    ("user", "label"),
    [
        (None, "(none)"),
        (("134", "EDGE_IMPULSE", "jan"), "jan (EDGE_IMPULSE 134)"),
        (("ada", "GATEWAY", None), "ada (GATEWAY)"),
    ],
)
def test_a_user_is_named_with_their_source(
    user: tuple[str, str, str | None] | None, label: str
) -> None:
    names = ("identifier", "source", "externalIdentifier")
    value = dict(zip(names, user, strict=True)) if user else None
    assert to_label("user", value) == label


@pytest.mark.parametrize(
    ("model", "label"),
    [
        (("mnist", "1.1", None), "mnist 1.1"),
        (("mnist", None, None), "mnist"),
        (("ed54", "1.0", "Sentiment"), "Sentiment 1.0 (ed54)"),
        (("ed54", None, "Sentiment"), "Sentiment (ed54)"),
    ],
)
def test_a_model_keeps_its_identifier_beside_its_name(
    model: tuple[str, str | None, str | None], label: str
) -> None:
    value = dict(zip(("identifier", "version", "name"), model, strict=True))
    assert to_label("model", value) == label
