"""Layout of the read model: one item per source item, found by its view, and totals that always add up.

An item that a row was made of keeps its place for good, named after the source item, so that a later version can only
replace it. What it is looked up by (its *view*) is an index: moving to another view, or out of all of them when the
source item is deleted, is a change of attributes. Totals change in the transactions that change the rows they add up.
"""

from __future__ import annotations

import hashlib

PARTITION = "partition"
"""Partition key: `row_partition` of a source item, or the partition of a total."""
SORT = "sort"
"""Sort key: `ROW`, or the sort key of a total."""
ROW = "row"

SOURCE_VERSION = "source_version"
"""Of the change that an item shows; strings that order as versions do. Totals have none."""
DATASET = "dataset"
TOTALS = "totals"
"""What a row adds to totals: a list of maps with `PARTITION`, `SORT` and `AMOUNTS`."""
AMOUNTS = "amounts"

VIEW_INDEX = "by-view"
VIEW = "view"
"""Partition key of the index, such as ``customer#c-1#orders``; deleted rows have none."""
VIEW_SORT = "view_sort"
"""Sort key of the index."""

RESERVED = frozenset({PARTITION, SORT, SOURCE_VERSION, DATASET, TOTALS, VIEW, VIEW_SORT})
"""Names that the fields of a row cannot have."""

MAX_PARTITION_BYTES, MAX_SORT_BYTES = 2048, 1024
"""What DynamoDB takes as keys, in UTF-8."""

MAX_ITEM_BYTES = 400 * 1024
"""What DynamoDB takes as an item."""
OWN_BYTES = 2_500
"""Of an item, at the most: what it has beside a row's fields, its view and its totals."""

_ROW_OF = "source#"


def row_partition(source_key: str) -> str:
    """Partition key of the item of a source item: named after it, or after a digest of a key that is too long."""
    if len(source_key.encode()) > MAX_PARTITION_BYTES - len(_ROW_OF):
        source_key = hashlib.sha256(source_key.encode()).hexdigest()
    return f"{_ROW_OF}{source_key}"
