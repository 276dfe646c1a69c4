"""Numbers to exact amounts of money, and back to JSON numbers."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

from gateway.dialects.fields import wrong
from gateway.records import MoneyRecord

# Amounts are stored as billionths in 64 bits.
BILLIONTH = Decimal("1e-9")
MAX_AMOUNT = 9_000_000_000
CURRENCY = re.compile("[A-Za-z]{3}")


def check_currency(path: str, currency: str) -> str:
    """Check a currency, and give it in capitals.

    Raises:
        DecodeError: It does not have three letters.
    """
    if CURRENCY.fullmatch(currency) is None:
        raise wrong(path, currency, "a code of three letters, such as 'USD'")
    return currency.upper()


def to_money(path: str, amount: Decimal, currency: str) -> MoneyRecord:
    """Make an amount, rounded to nine decimal places.

    Raises:
        DecodeError: It is not finite, or too large to be stored.
    """
    if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
        right = f"an amount from -{MAX_AMOUNT} to {MAX_AMOUNT}"
        raise wrong(path, str(amount), right)
    rounded = amount.quantize(BILLIONTH, rounding=ROUND_HALF_EVEN)
    return MoneyRecord(
        amount=amount if amount == rounded else rounded, currency=currency
    )


def money_to_number(money: MoneyRecord | None) -> int | float | None:
    """Write an amount as a number, a whole one without a fraction."""
    if money is None:
        return None
    is_whole = money.amount == money.amount.to_integral_value()
    return int(money.amount) if is_whole else float(money.amount)
