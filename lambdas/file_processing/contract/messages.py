"""What travels through the queues, as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member of an archive in the arrivals queue, among S3's own notifications: it came to be, or it is to go.

    Bytes stand in the products bucket, below the prefix of the archive's generation.
    """

    change: Literal["created", "removed"]
    bucket: str
    key: str
    name: str
    """As people see it: ``inbox/pictures.zip!/2026/one.png``."""
    file_id: str
    """Of bucket and key, as all files have it: no other generation of the archive has the same members."""
    sequencer: str
    """The archive's; for removals `LAST_SEQUENCER`."""
    time: str
    """ISO 8601: when the archive arrived."""
    depth: int
    """1 for members of an archive that was uploaded."""
    parent: str
    """File id of the archive."""
    prefix: str
    """What the archive is counted under in the totals, and its members, too."""
    root: str
    """Generation of the archive that was uploaded, see `tables.root_of`, however deep the member lies in it."""


LAST_SEQUENCER = "F" * 32
"""Later than any of S3's: a member that went never comes back."""


class MemberArrival(msgspec.Struct, frozen=True):
    """The whole message, told from S3's by its only field."""

    member: Member


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """To a lane: look at this generation of a file. What is current is processed, and what is not is discarded."""

    file_id: str
    generation: str


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """To the index: make it agree with the catalog about this file."""

    file_id: str


INDEX_GROUP = "index"
"""The one message group of the index's queue: its messages are handled one after the other, by one writer."""
