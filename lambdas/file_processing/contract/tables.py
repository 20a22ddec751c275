"""Layout of the catalog table: files, versions, members and budgets of archives, first digests and running totals.

One table, so that a file's state and the totals change in one transaction.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

PARTITION = "entity"
"""Partition key."""
SORT = "entry"
"""Sort key."""
EXPIRES_AT = "expires_at"
"""Time to live: Unix seconds, on items of versions that are replaced or deleted, and of budgets."""

CURRENT = "current"
"""Sort key of a file's present state."""

STATUS_INDEX = "by-status-and-time"
STATUS_DAY = "status_day"
"""Partition key of `STATUS_INDEX`, on items of versions: ``ready#2026-11-26``."""
UPDATED_AT = "updated_at"
"""Sort key of `STATUS_INDEX`: ISO 8601 in UTC."""

TOTAL_SHARDS = 8
"""Items among which a prefix's totals of a day are spread, so that uploads of one moment rarely conflict."""


class Status(StrEnum):
    """Where a version of a file stands."""

    PROCESSING = "processing"
    """Its lane has been told."""
    TRANSCODING = "transcoding"
    """MediaConvert works on it."""
    READY = "ready"
    CATALOGUED = "catalogued"
    """Nothing more is done with this kind."""
    REJECTED = "rejected"
    REPLACED = "replaced"
    """A newer version, or an older one after a removal, is shown instead; its products are gone."""
    DELETED = "deleted"


def file_id(bucket: str, key: str) -> str:
    """Identity of a file across its versions: first 32 hex digits of SHA-256 over bucket and key."""
    return hashlib.sha256(f"{bucket}\0{key}".encode()).hexdigest()[:32]


def file_partition(identity: str) -> str:
    """Partition of a file's items: `CURRENT` and one per version."""
    return f"file#{identity}"


def version_entry(version_id: str) -> str:
    """Sort key of a version's item."""
    return f"version#{version_id}"


def members_partition(identity: str, generation: str) -> str:
    """Partition of what one generation of an archive was unpacked to; sort keys are the members' file ids."""
    return f"members#{identity}#{generation}"


def root_of(identity: str, generation: str) -> str:
    """Identity of one generation of an archive that was uploaded, to which all that comes out of it belongs."""
    return f"{identity}/{generation}"


def budget_partition(root: str) -> str:
    """Partition of what has come out of one upload: its item `CURRENT` has the sums, and one per archive its share."""
    return f"budget#{root}"


def share_entry(identity: str, generation: str) -> str:
    """Sort key of the item that says that one generation of an archive is part of the sums."""
    return f"archive#{identity}/{generation}"


def digest_partition(sha256: str) -> str:
    """Partition of one content: its item `CURRENT` tells which file had it first."""
    return f"digest#{sha256}"


def totals_partition(day: str) -> str:
    """Partition of a day's running totals, such as ``totals#2026-11-26``; the day is the one of arrival, in UTC."""
    return f"totals#{day}"


def totals_entry(prefix: str, identity: str) -> str:
    """Sort key of a prefix's totals, one of `TOTAL_SHARDS`."""
    return f"{prefix}#{int(identity[:8], 16) % TOTAL_SHARDS}"


_MAX_PREFIX_BYTES = 1000
"""With the number of the shard, a prefix makes a sort key, for which DynamoDB takes 1024."""


def prefix_of(name: str) -> str:
    """What a file is counted under: all before and with its key's first slash, the empty string without one."""
    head, slash, _ = name.partition("/")
    return (head + slash if slash else "").encode()[:_MAX_PREFIX_BYTES].decode(errors="ignore")
