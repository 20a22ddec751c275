"""Producers of sample events, one module for each recipe, with tallies of what must be counted."""

from __future__ import annotations

from tools.samples import activity, clickstream, logs, mobile, orders, social, telemetry
from tools.samples.base import Sample

SAMPLES: dict[str, Sample] = {
    module.SAMPLE.name: module.SAMPLE for module in (clickstream, activity, orders, telemetry, mobile, social, logs)
}
"""By name of the recipe."""
