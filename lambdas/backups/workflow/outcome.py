"""What an invocation did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lambdas.backups.contract import Metric


@dataclass
class Outcome:
    """Numbers for metrics, and what went wrong."""

    counts: Counter[Metric] = field(default_factory=Counter)
    ages: dict[str, float] = field(default_factory=dict)
    """Hours, by policy."""
    retried: list[str] = field(default_factory=list)
    """Why steps will be tried again."""
    errors: list[Exception] = field(default_factory=list)
    """Nobody expected these."""
