"""Log lines of services: filtered by level and pattern, errors per service and minute, kept lines archived."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Literal

from lambdas.stream_analytics.domain.cleansing import TRIM
from lambdas.stream_analytics.domain.events import Event, Name, Text
from lambdas.stream_analytics.domain.recipe import Recipe, count

KEPT_LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})
"""Lines of these levels are kept, whatever they say; edit to taste."""
KEPT_PATTERN = re.compile(r"timeout|timed out|denied|refused|unauthori[sz]ed|out of memory", re.IGNORECASE)
"""Lines of the other levels are kept if their message has a match of this; edit to taste."""
ERROR_LEVELS = frozenset({"ERROR", "CRITICAL"})


class LogLine(Event, tag="logs"):
    """What a service logged."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    service: Name
    message: Text
    """Kept as it is: the white space of a stack trace matters."""


def is_kept(line: LogLine) -> bool:
    """Whether a line is counted and archived, or dropped."""
    return line.level in KEPT_LEVELS or KEPT_PATTERN.search(line.message) is not None


RECIPE = Recipe(
    event=LogLine,
    cleanse={"service": TRIM},
    keep=is_kept,
    measures=(
        count("lines", by=attrgetter("level")),
        count("errors", by=attrgetter("service"), where=lambda line: line.level in ERROR_LEVELS),
    ),
)
