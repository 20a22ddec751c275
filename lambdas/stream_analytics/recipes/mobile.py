"""Speed of a mobile app: percentiles of durations per version and minute."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Literal

from msgspec import Meta

from lambdas.stream_analytics.domain.cleansing import TRIM
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.recipe import Recipe, quantiles

Version = Annotated[str, Meta(min_length=1, max_length=64)]
Milliseconds = Annotated[float, Meta(ge=0, le=60 * 60 * 1000)]
"""Up to an hour; beyond, a clock was set meanwhile."""


class AppMetric(Event, tag="mobile"):
    """How long the app took to answer its user."""

    platform: Literal["ios", "android"]
    version: Version
    duration_ms: Milliseconds


def release(metric: AppMetric) -> str:
    """Such as ``ios 4.2.0``."""
    return f"{metric.platform} {metric.version}"


RECIPE = Recipe(
    event=AppMetric,
    cleanse={"version": TRIM},
    measures=(quantiles("duration_ms", attrgetter("duration_ms"), by=release),),
)
