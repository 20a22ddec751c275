"""Layout of the read model: one item per source item, found by its view, and totals that always add up.

An item that a row was made of keeps its place for good, named after the source item, so that a later version can only
replace it. What it is looked up by (its *view*) is an index: moving to another view, or out of all of them when the
source item is deleted, is a change of attributes. Totals change in the transactions that change the rows they add up.
"""

from __future__ import annotations

PARTITION = "partition"
"""Partition key: `row_partition` of a source item, or the partition of a total."""
SORT = "sort"
"""Sort key: `ROW`, or the sort key of a total."""
ROW = "row"

SOURCE_VERSION = "source_version"
"""Of the change that an item shows; strings that order as versions do. Totals have none."""
DATASET = "dataset"
TOTALS = "totals"
"""What the row adds to totals: a list of ``{partition, sort, amounts}``."""

VIEW_INDEX = "by-view"
VIEW = "view"
"""Partition key of the index, such as ``customer#c-1#orders``; deleted rows have none."""
VIEW_SORT = "view_sort"
"""Sort key of the index."""

RESERVED = frozenset({PARTITION, SORT, SOURCE_VERSION, DATASET, TOTALS, VIEW, VIEW_SORT})
"""Names that the fields of a row cannot have."""

_ROW_OF = "source#"


def row_partition(source_key: str) -> str:
    """Partition key of the item of a source item."""
    return f"{_ROW_OF}{source_key}"
