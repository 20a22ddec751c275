"""Telemetry of devices: readings per device and minute, metered usage per account and day."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter

from lambdas.stream_analytics.domain.cleansing import TRIM
from lambdas.stream_analytics.domain.events import Event, Name, check_amounts
from lambdas.stream_analytics.domain.recipe import DAY, Recipe, stats, total


class Telemetry(Event, tag="telemetry"):
    """What a device measured, what is to be charged for, or both; what it does not tell of is null."""

    device: Name
    """Readings of one device are compared, so one that measures several things has a name for each sensor."""
    account: Name | None
    """Who is charged."""
    unit: Name | None
    """In which usage is charged, such as kWh; one for each account, or else its sum means nothing."""
    value: Decimal | None
    """Reading."""
    usage: Decimal | None
    """Units since the last event, 0 or more."""

    def __post_init__(self) -> None:
        if self.value is not None:
            check_amounts(self.value)
        elif self.usage is None:
            raise ValueError("it tells of neither value nor usage")
        if self.usage is not None:
            if self.account is None or self.unit is None:
                raise ValueError("it tells of usage, but not of the account or the unit")
            check_amounts(self.usage)
            if self.usage < 0:
                raise ValueError(f"usage cannot be negative, as {self.usage} is")


RECIPE = Recipe(
    event=Telemetry,
    cleanse={"device": TRIM, "account": TRIM, "unit": TRIM},
    measures=(
        stats(
            "reading",
            attrgetter("value"),
            by=attrgetter("device"),
            where=lambda telemetry: telemetry.value is not None,
        ),
        total(
            "usage",
            attrgetter("usage"),
            by=attrgetter("account"),
            where=lambda telemetry: telemetry.usage is not None,
            period=DAY,
        ),
    ),
    entities={"device": lambda telemetry: (telemetry.device,)},
)
