"""What devices need to connect to the laptop cloud; on AWS they trust the certificates of Amazon Trust Services."""

from __future__ import annotations

import http.client
from pathlib import Path

from local.errors import LocalCloudError

_PATH = "/_ministack/iot/ca.pem"


def keep_authority(port: int, path: Path) -> None:
    """Writes the certificate of the emulator's authority, which is another one in each cloud.

    Raises:
        LocalCloudError: the emulator tells of none.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", _PATH)
        answer = connection.getresponse()
        certificate = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise LocalCloudError(f"The emulator answered {answer.status} to GET {_PATH}: no device can trust it.")
    path.write_bytes(certificate)
