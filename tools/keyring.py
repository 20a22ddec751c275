"""Certificates and private keys of devices, as files that nobody else can read and that are never overwritten."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

from tools.stack import ToolError

_CERTIFICATE, _KEY = "certificate.pem", "private.key"
_SECRET_FILE, _SECRET_FOLDER = 0o600, 0o700


@dataclass(frozen=True)
class Kept:
    """What a device connects with."""

    certificate: Path
    private_key: Path

    @property
    def certificate_id(self) -> str:
        """As AWS IoT calls the certificate: by its fingerprint, the SHA-256 of its DER encoding."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate.read_text())).hexdigest()


@dataclass(frozen=True)
class Keyring:
    """A folder with a folder for each device."""

    folder: Path

    def find(self, device_id: str) -> Kept | None:
        """What is kept of a device; None if nothing is. Raises ToolError for a folder that was not written here."""
        home = self.folder / device_id
        if not home.exists():
            return None
        kept = Kept(home / _CERTIFICATE, home / _KEY)
        if not (kept.certificate.is_file() and kept.private_key.is_file()):
            raise ToolError(f"{home} lacks {_CERTIFICATE} or {_KEY}: move it away, or name another folder by --out.")
        return kept

    def keep(self, device_id: str, certificate: str, private_key: str) -> Kept:
        """Writes both files or, if it ends before that, none that `find` finds."""
        unfinished = self.folder / f".{device_id}.unfinished"
        # Of an earlier run, whose certificate was never used.
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=_SECRET_FOLDER, parents=True)
        for name, content in ((_KEY, private_key), (_CERTIFICATE, certificate)):
            _write(unfinished / name, content)
        home = self.folder / device_id
        # A folder that is there, and is not empty, is never replaced by this.
        unfinished.rename(home)
        return Kept(home / _CERTIFICATE, home / _KEY)


def _write(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _SECRET_FILE)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
