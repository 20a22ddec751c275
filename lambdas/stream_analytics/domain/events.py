"""What every recipe's event has in common, and the field types that recipes are written with."""

from __future__ import annotations

from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Annotated

from msgspec import Meta, Struct


class Event(Struct, tag_field="type", forbid_unknown_fields=True, kw_only=True, omit_defaults=True, gc=False):
    """One event of a stream; the JSON field ``type`` holds its recipe's name.

    Unknown fields are rejected rather than dropped: the archive would not have them, and once the recipe knows them the
    quarantined events are redriven. Cleansing changes an event in place. The garbage collector need not look at events:
    JSON makes no cycles.
    """

    time: Annotated[datetime, Meta(tz=True)]
    """When it happened, RFC 3339 with an offset."""


Name = Annotated[str, Meta(min_length=1, max_length=256)]
"""Identifiers and labels; what metrics are counted by must fit a DynamoDB key."""
Url = Annotated[str, Meta(min_length=1, max_length=2048)]
Text = Annotated[str, Meta(max_length=8192)]

DIGITS = 15
"""Amounts have at most so many digits before the point..."""
DECIMAL_PLACES = 9
"""... and so many behind it, so that sums of a billion of them are exact in the 38 digits of a DynamoDB number."""

_EXACT = Context(prec=DIGITS + DECIMAL_PLACES, traps=[Inexact, InvalidOperation])
_SMALLEST = Decimal(10) ** -DECIMAL_PLACES


def check_amounts(*amounts: Decimal) -> None:
    """Raises ValueError for what could not be summed up exactly; msgspec reports it as a wrong schema."""
    for amount in amounts:
        try:
            summable = _EXACT.quantize(amount, _SMALLEST).is_finite()
        except ArithmeticError:
            summable = False
        if not summable:
            raise ValueError(f"{str(amount)[:40]} has more than {DIGITS} digits, or {DECIMAL_PLACES} decimal places")
