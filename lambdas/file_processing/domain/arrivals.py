"""What comes through the arrivals queue: S3's event notifications, and members of archives.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from lambdas.file_processing.contract.messages import LAST_SEQUENCER, Member, MemberArrival
from lambdas.file_processing.contract.tables import file_id, prefix_of

SEQUENCER_DIGITS = len(LAST_SEQUENCER)
"""Sequencers differ in length (18 digits today); AWS says to pad the shorter with zeros on the right."""

MEMBER_VERSION = "null"
"""S3's own name for the only version of an object in a bucket without versions."""


class MalformedArrivalError(ValueError):
    """The message can never be understood; it is left to the dead-letter queue, whole."""


class Change(Enum):
    """What happened to the object."""

    CREATED = "created"
    REMOVED = "removed"


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one file."""

    change: Change
    bucket: str
    key: str
    name: str
    file_id: str
    version_id: str | None
    """The version made; None for a removal, after which only the bucket knows what is visible."""
    sequencer: str
    """Padded: a later event of the same file compares greater as a string."""
    prefix: str
    """What the file is counted under."""
    depth: int = 0
    parent: str | None = None
    root: str | None = None
    time: str | None = None
    """When the archive arrived; None for files of the inbox, whose objects tell."""


def parse(body: str) -> list[Arrival]:
    """Changes that a message tells of, in its order; none if it is what S3 sends to try a new notification.

    Raises:
        MalformedArrivalError: it is no JSON, or neither a notification of a versioned bucket nor a member.
    """
    try:
        message = msgspec.json.decode(body)
        if isinstance(message, dict) and "member" in message:
            return [_of_member(msgspec.convert(message, MemberArrival).member)]
    except msgspec.DecodeError as error:
        raise MalformedArrivalError(f"neither S3 event notification nor member: {error}") from error
    match message:
        case {"Event": "s3:TestEvent"}:
            return []
        case {"Records": [_, *_] as records}:
            return [_of_record(record) for record in records]
        case _:
            raise MalformedArrivalError("no Records: this queue takes S3 event notifications and members of archives")


def _of_member(member: Member) -> Arrival:
    created = member.change == "created"
    return Arrival(
        change=Change.CREATED if created else Change.REMOVED,
        bucket=member.bucket,
        key=member.key,
        name=member.name,
        file_id=member.file_id,
        version_id=MEMBER_VERSION if created else None,
        sequencer=_pad(member.sequencer),
        prefix=member.prefix,
        depth=member.depth,
        parent=member.parent,
        root=member.root,
        time=member.time,
    )


def _of_record(record: Mapping[str, Any]) -> Arrival:
    try:
        change = _change(record["eventName"])
        bucket, item = record["s3"]["bucket"]["name"], record["s3"]["object"]
        # Keys arrive as in an HTML form: "red flower.pdf" is "red+flower.pdf".
        key = unquote_plus(item["key"], errors="strict")
        return Arrival(
            change=change,
            bucket=bucket,
            key=key,
            name=key,
            file_id=file_id(bucket, key),
            version_id=item["versionId"] if change is Change.CREATED else None,
            sequencer=_pad(item["sequencer"]),
            prefix=prefix_of(key),
        )
    except (AttributeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise MalformedArrivalError(
            f"record without {error}: versioned buckets send eventName, the bucket's name, and the object's key, "
            f"versionId and sequencer; send the record again in that form"
        ) from error


def _change(name: str) -> Change:
    if name.startswith("ObjectCreated:"):
        return Change.CREATED
    if name.startswith(("ObjectRemoved:", "LifecycleExpiration:")):
        return Change.REMOVED
    raise MalformedArrivalError(
        f"event {name!r} is neither a creation nor a removal: correct the bucket's notifications"
    )


def _pad(sequencer: str) -> str:
    if not re.fullmatch(rf"[0-9A-Fa-f]{{1,{SEQUENCER_DIGITS}}}", sequencer):
        raise MalformedArrivalError(f"sequencer {sequencer!r} is not 1 to {SEQUENCER_DIGITS} hexadecimal digits")
    return sequencer.upper().ljust(SEQUENCER_DIGITS, "0")
