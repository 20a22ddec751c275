"""List prices of AWS, kept in one dated file per Region and without taxes, free tiers and discounts by contract.

They are what the bills in the documentation and of ``make bench`` are reckoned from. After a look at the page that an
entry names as its source, correct the price, or only the date, in `us-east-1.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import msgspec


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price that holds for what a month's usage has above a bound."""

    above: float
    dollars: str
    """For one unit; text, so that the file shows it as AWS does."""


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of usage costs."""

    service: str
    unit: str
    tiers: tuple[Tier, ...]
    """By rising bounds, the first of which is 0."""
    source: str
    """AWS's pricing page."""
    retrieved: date
    verified: bool
    """Whether a second source was found to say the same."""

    def of(self, units: float) -> float:
        """Dollars for the units used in a month; each tier has its own price, as on AWS's bills."""
        dollars = 0.0
        for tier, end in zip(self.tiers, [*(tier.above for tier in self.tiers[1:]), units], strict=True):
            dollars += max(0.0, min(end, units) - tier.above) * float(tier.dollars)
        return dollars

    @property
    def first(self) -> float:
        """Dollars of the first unit."""
        return float(self.tiers[0].dollars)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    region: str
    currency: str
    prices: dict[str, Price]


@cache
def prices(region: str = "us-east-1") -> Mapping[str, Price]:
    """All prices of a Region by name. Raises FileNotFoundError where nobody has collected them yet."""
    return msgspec.json.decode((Path(__file__).parent / f"{region}.json").read_bytes(), type=_File).prices
