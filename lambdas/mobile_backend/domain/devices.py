"""Devices that users have registered."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from lambdas.mobile_backend.contract.models import Platform


@dataclass(frozen=True)
class Registered:
    """A device as it is kept; ``endpoint`` is None if push was off when it was registered."""

    device_id: str
    platform: Platform
    endpoint: str | None
    registered_at: datetime


def device_id(platform: Platform, token: str) -> str:
    """Always the same of a token, which belongs to one installation of an app on one device."""
    return hashlib.sha256(f"{platform} {token}".encode()).hexdigest()[:32]
