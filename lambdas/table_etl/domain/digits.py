"""Numbers as DynamoDB has them: 38 digits, and exponents from -130 to 125."""

from __future__ import annotations

from decimal import Context, Decimal

MAX_DIGITS = 38
_LEAST, _GREATEST = -130, 125
"""Exponents of the first digit."""
_EXACT = Context(prec=MAX_DIGITS)


class NumberError(ValueError):
    """A number that DynamoDB does not have."""


def check_digits(value: Decimal) -> None:
    """Raises NumberError for a number that DynamoDB does not have."""
    digits, exponent = value.as_tuple()[1:]
    if not isinstance(exponent, int):
        raise NumberError(f"{value} is no number that DynamoDB has")
    significant = len(digits)
    if significant > MAX_DIGITS:
        significant = len("".join(map(str, digits)).strip("0"))
    if significant > MAX_DIGITS:
        raise NumberError(f"a number has {significant} digits, and DynamoDB holds {MAX_DIGITS}: {str(value)[:60]}")
    if value and not _LEAST <= value.adjusted() <= _GREATEST:
        raise NumberError(f"{value} is beyond what DynamoDB holds, 1E{_LEAST} to 1E{_GREATEST + 1}")


def normalized(value: Decimal) -> Decimal:
    """The same number without zeros that say nothing. Raises NumberError as `check_digits` does."""
    check_digits(value)
    return _EXACT.normalize(value) or Decimal(0)


def number_text(value: int | Decimal) -> str:
    """A number as DynamoDB writes it: all its digits, without an exponent and needless zeros.

    Raises:
        NumberError: DynamoDB does not have the number.
    """
    return f"{normalized(Decimal(value)):f}"
