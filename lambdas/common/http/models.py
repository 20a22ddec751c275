"""What the models of every API are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9a-d][0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z",
        examples=["01931f7e-7c1b-7c3a-9d5e-2f6b8a4c0d1e"],
    ),
]
"""UUID version 7 (RFC 9562), whose first part is the time; so ids sort by it. None begins with ``e`` or ``f``: that is
after the year 9774, and soon after what a datetime can be."""
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-11-21T10:00:00Z"])]


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all models have in common: fields that nobody knows are refused, not dropped."""
