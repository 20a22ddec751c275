"""What the workflow needs of the outside world; ``adapters`` answers it with AWS, tests with a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lambdas.common.tables.pictures.layout import Source
from lambdas.image_processing.contract import Reason, Recognition
from lambdas.image_processing.domain.catalog import Entry


class VersionGoneError(Exception):
    """The object version of a creation no longer exists; the event of its removal tells what to do."""


@dataclass(frozen=True)
class NewObject:
    """An object to be written to the renditions bucket."""

    key: str
    data: bytes
    content_type: str


class Uploads(Protocol):
    """The bucket that users write to."""

    def fetch(self, source: Source, max_bytes: int) -> bytes:
        """Content of one version. Raises VersionGoneError, and Rejected for more than ``max_bytes``."""

    def visible_version(self, bucket: str, key: str) -> str | None:
        """Id of the version that a plain GET shows, None if it shows none."""


class Renditions(Protocol):
    """The bucket that readers read from."""

    def put(self, objects: list[NewObject]) -> None:
        """Writes all objects, in any order."""

    def discard(self, prefix: str, keep: str | None) -> None:
        """Deletes every object under ``prefix``, if there is any, but for those under ``keep``."""


class Quarantine(Protocol):
    """The bucket of rejected originals."""

    def keep(self, prefix: str, reason: Reason) -> None:
        """Copies the original named in ``reason`` and writes the reason beside it. Raises VersionGoneError."""


class Catalog(Protocol):
    """The table with one entry per picture."""

    def get(self, picture_id: str) -> Entry | None:
        """The entry as last written."""

    def commit(self, entry: Entry, expected: Entry | None) -> bool:
        """Writes the entry if the catalog still holds ``expected``; tells whether it did."""

    def forget_stale(self, entry: Entry) -> None:
        """Empties the entry's list of stale prefixes, unless a newer entry has taken it over."""


class Recognizer(Protocol):
    """The service that sees what a picture shows."""

    def look(self, jpeg: bytes) -> Recognition:
        """Labels and moderation labels of a picture."""
