"""Messages as the slice's IoT rules hand them to a function: what `ENVELOPE_SQL` selects.

https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html: ``principal()`` is the fingerprint of the
certificate, or a user's id where a message came by signed HTTP; ``clientid()`` is ``n/a`` there.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

CERTIFICATE_ID = "bc71e3b7525ea1a0df33ab0ad3c7141b3e7a39197195f376ffa2a7a581111ad5"
RECEIVED_AT = 1_795_648_346_682
"""2026-11-25T23:12:26.682Z."""


def event(
    payload: bytes,
    *,
    device_id: str,
    client_id: str | None = None,
    principal: str = CERTIFICATE_ID,
    received_at: int = RECEIVED_AT,
) -> dict[str, Any]:
    """One message; it came from the client that the topic names, if nothing else is said."""
    return {
        "payload": b64encode(payload).decode(),
        "device_id": device_id,
        "client_id": device_id if client_id is None else client_id,
        "principal": principal,
        "received_at": received_at,
        "trace_id": "124b3757-92ee-43bc-9158-af3adf536f2e",
    }
