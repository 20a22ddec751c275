"""Where a list goes on, as clients see it: opaque, so that it can come to mean something else."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_CURSOR = re.compile(r"[A-Za-z0-9_-]{48}")
"""36 bytes in base64."""
_ID = re.compile(rb"[0-9a-f-]{36}")


def cursor_after(item_id: str) -> str:
    """The cursor of a page that ends with this item."""
    return urlsafe_b64encode(item_id.encode()).decode()


def item_before(cursor: str) -> str:
    """The item with which the page before ended.

    Raises:
        ValueError: no page has such a cursor.
    """
    if _CURSOR.fullmatch(cursor) and _ID.fullmatch(found := urlsafe_b64decode(cursor)):
        return found.decode()
    raise ValueError("no page has this cursor: take next_cursor of the page before, as it is")
