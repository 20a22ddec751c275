"""Numbers of spreadsheets as they are shown: a date is a number of days that its format tells from others."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum, auto


class Shown(Enum):
    """What a number format makes of a number."""

    NUMBER = auto()
    DATE = auto()
    TIME = auto()
    MOMENT = auto()
    DURATION = auto()
    """Which may be longer than a day."""


DATES_1900 = datetime(1899, 12, 30)  # noqa: DTZ001  spreadsheets know no time zones
"""Day 0 of most workbooks, for days since March 1900: they hold that there was a 29 February 1900."""
DATES_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
"""Of old ones for the Macintosh."""

_BUILT_IN = {str(number): Shown.DATE for number in (14, 15, 16, 17, *range(27, 32), 36, *range(50, 59))}
_BUILT_IN |= {str(number): Shown.TIME for number in (18, 19, 20, 21, 32, 33, 34, 35, 45, 47)}
_BUILT_IN |= {"22": Shown.MOMENT, "46": Shown.DURATION}
"""By ECMA-376, part 1, section 18.8.30."""
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]|AM/PM|A/P', re.IGNORECASE)
"""What is no part of a date; of what stands in brackets, hours, minutes and seconds alone are, those of durations."""


def shows(identity: str, code: str | None) -> Shown:
    """What the number format with this id, and this code if it is none of those built in, shows."""
    if code is None:
        return _BUILT_IN.get(identity, Shown.NUMBER)
    letters = set(_LITERAL.sub("", code.partition(";")[0]).lower())
    if "general" in code.lower():
        return Shown.NUMBER
    if "[" in letters:
        return Shown.DURATION
    time = bool(letters & {"h", "s"})
    date = bool(letters & {"y", "d"}) or ("m" in letters and not time)
    if date:
        return Shown.MOMENT if time else Shown.DATE
    return Shown.TIME if time else Shown.NUMBER


def shown(value: str, style: Shown, epoch: datetime) -> str:
    """A cell's number as text: 15 digits, as Excel shows them, ISO 8601, or hours, minutes and seconds of a duration.

    What is no number stays as it is; what is no date, because it lies before day 0 or after 9999, stays a number.
    """
    if style is Shown.NUMBER and len(value) < 16 and value.isascii() and value.isdigit():
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if style is Shown.NUMBER or not number >= 0:  # nor is it "nan"
        return f"{number:.15g}"
    try:
        seconds = round(number * 86_400)
        moment = epoch + timedelta(seconds=seconds)
    except OverflowError:
        return f"{number:.15g}"
    match style:
        case Shown.DATE:
            return moment.date().isoformat()
        case Shown.TIME:
            return moment.time().isoformat()
        case Shown.DURATION:
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case _:
            return moment.isoformat(" ")
