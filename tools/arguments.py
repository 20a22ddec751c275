"""What stands behind an option of a command, as argparse takes it."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, date, datetime, timedelta

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def now() -> datetime:
    """At the moment."""
    return datetime.now(UTC)


def moment(text: str) -> datetime:
    """ISO 8601, UTC unless it says otherwise."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-21T10:00 (ISO 8601)") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def past(text: str) -> datetime:
    """A time ago, as ``30m``, ``24h`` or ``7d``, or a moment."""
    ago = re.fullmatch(r"([1-9]\d{0,4})([mhd])", text)
    found = now() - int(ago[1]) * _UNITS[ago[2]] if ago else moment(text)
    if found > now():
        raise argparse.ArgumentTypeError(f"{text!r} is still to come")
    return found


def day(text: str) -> date:
    """A day, UTC."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-21") from None


def positive(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def whole(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)
