"""What is found in log events: errors, each with a template, and requests."""

from __future__ import annotations

import msgspec


class Error(msgspec.Struct, frozen=True):
    """A log event that tells of an error; of a stack trace the one that names the exception."""

    template: str
    """What is the same for all errors of this signature."""
    level: str


class Access(msgspec.Struct, frozen=True):
    """A log event that tells of a request."""

    method: str
    path: str
    """Without query."""
    status: int
    size: int = 0
    """Bytes of the answer."""
    milliseconds: float | None = None
    """None where the format does not tell."""
