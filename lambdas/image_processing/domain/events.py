"""S3 event notifications, as AWS documents their structure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote_plus

from lambdas.common.tables.pictures.layout import Source, picture_id
from lambdas.image_processing.contract import event_prefix, generation_prefix, quarantine_prefix

SEQUENCER_DIGITS = 32
"""Sequencers differ in length (18 digits today); AWS says to pad the shorter with zeros on the right."""


class MalformedEventError(ValueError):
    """The event is not an S3 notification that can be ordered; it is raised, and ends in the failure queue whole."""


class Change(Enum):
    """What happened to the object."""

    CREATED = "created"
    REMOVED = "removed"


@dataclass(frozen=True)
class ObjectEvent:
    """One change of one object."""

    change: Change
    bucket: str
    key: str
    version_id: str | None
    """The version made; None for a removal, after which only the bucket knows what is visible."""
    sequencer: str
    """Padded: a later event of the same key compares greater as a string."""
    time: str

    @property
    def picture_id(self) -> str:
        """Identity of the object across its versions."""
        return picture_id(self.bucket, self.key)

    @property
    def prefix(self) -> str:
        """What the keys of all renditions that this event writes begin with."""
        return event_prefix(self.picture_id, self.sequencer)

    def generation(self, version_id: str) -> str:
        """Where this event's output of one version stands."""
        return generation_prefix(self.picture_id, self.sequencer, version_id)

    def quarantine(self, version_id: str) -> str:
        """Where one version is kept if this event finds it bad."""
        return quarantine_prefix(self.picture_id, self.sequencer, version_id)

    def source(self, version_id: str) -> Source:
        """The source as documents name it."""
        return Source(bucket=self.bucket, key=self.key, version_id=version_id, sequencer=self.sequencer)


def parse(notification: Mapping[str, Any]) -> list[ObjectEvent]:
    """Object events of a notification, in its order.

    Raises:
        MalformedEventError: a record that is no creation or removal, or has no sequencer or version.
    """
    records = notification.get("Records")
    if not isinstance(records, list) or not records:
        raise MalformedEventError("no Records: this function takes S3 event notifications only")
    return [_parse_record(record) for record in records]


def _parse_record(record: Mapping[str, Any]) -> ObjectEvent:
    try:
        change = _change(record["eventName"])
        item: Mapping[str, Any] = record["s3"]["object"]
        return ObjectEvent(
            change=change,
            bucket=record["s3"]["bucket"]["name"],
            # Keys arrive as in an HTML form: "red flower.jpg" is "red+flower.jpg".
            key=unquote_plus(item["key"], errors="strict"),
            version_id=item["versionId"] if change is Change.CREATED else None,
            sequencer=_pad(item["sequencer"]),
            time=record["eventTime"],
        )
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise MalformedEventError(
            f"record without {error}: versioned buckets send eventName, eventTime, and the object's key, versionId and "
            f"sequencer; send the record again in that form"
        ) from error


def _change(name: str) -> Change:
    if name.startswith("ObjectCreated:"):
        return Change.CREATED
    if name.startswith(("ObjectRemoved:", "LifecycleExpiration:")):
        return Change.REMOVED
    raise MalformedEventError(f"event {name!r} is neither a creation nor a removal: correct the bucket's notifications")


def _pad(sequencer: str) -> str:
    if not re.fullmatch(rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}", sequencer):
        raise MalformedEventError(f"sequencer {sequencer!r} is not 1 to {SEQUENCER_DIGITS} hexadecimal digits")
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")
