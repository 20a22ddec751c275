"""Removes what readers of the lake no longer need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from lambdas.table_etl.contract import LAKE_DAY, ROWS_FILE, TOMBSTONES_FILE, dataset_prefix, pointer_key, rows_prefix
from lambdas.table_etl.domain.generations import removable
from lambdas.table_etl.ports import LakeObjects


def sweep(objects: LakeObjects, dataset: str, before: datetime) -> None:
    """Deletes the generations of a dataset that were replaced, or left behind by a killed run, before a time.

    One listing, and one pointer for each day that has an old generation beside another one.
    """
    for day, listed in _days(objects, dataset):
        if len(listed) > 1 and min(listed.values()) < before:
            pointer = objects.pointer(pointer_key(dataset, day))
            current = pointer.target.split("/")[-2] if pointer else None
            gone = [rows_prefix(dataset, day, name) for name in removable(listed, current, before)]
            objects.delete(prefix + file for prefix in gone for file in (ROWS_FILE, TOMBSTONES_FILE))


def _days(objects: LakeObjects, dataset: str) -> Iterator[tuple[str, dict[str, datetime]]]:
    """When the generations of each day were written."""
    prefix = dataset_prefix(dataset)
    for folder, found in groupby(objects.list(prefix), key=lambda each: each.key.removeprefix(prefix).split("/")[0]):
        listed: dict[str, datetime] = {}
        for each in found:
            name = each.key.split("/")[-2]
            listed[name] = max(each.modified, listed.get(name, each.modified))
        yield folder.removeprefix(f"{LAKE_DAY}="), listed
