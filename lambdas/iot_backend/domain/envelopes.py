"""What rules hand over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from lambdas.iot_backend.contract.messages import Envelope

_EPOCH = datetime.fromtimestamp(0, UTC)


def opened(event: Mapping[str, Any]) -> Envelope:
    """The envelope that an event is. Raises msgspec.ValidationError for one of a rule that selects something else."""
    return msgspec.convert(event, Envelope)


def received_at(envelope: Envelope) -> datetime:
    """When the message reached AWS."""
    return _EPOCH + timedelta(milliseconds=envelope.received_at)


def fingerprint(envelope: Envelope) -> str:
    """The same for the same event alone: Lambda repeats an event as it is."""
    return hashlib.sha256(msgspec.json.encode(envelope)).hexdigest()[:32]
