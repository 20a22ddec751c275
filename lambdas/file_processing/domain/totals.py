"""Running totals per day and prefix: what each change adds, and what all items of them come to.

Each state of a file takes back exactly what the one before has added, so that the sums are those of the files that are
shown now, whatever happened before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from lambdas.file_processing.contract.tables import Status, totals_entry, totals_partition
from lambdas.file_processing.domain.catalog import Contribution, Current

FILES = "files"
BYTES = "bytes"
REJECTS = "rejects"
KINDS = "kinds."
"""Begins the name of the attribute that counts files of a kind."""

Key = tuple[str, str]
"""Partition and sort key of an item of totals."""
Sums = Counter[str]
"""By attribute."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are shown, among them those in `rejects`; kinds of which there are none are absent."""

    files: int = 0
    bytes: int = 0
    rejects: int = 0
    kinds: Mapping[str, int] = {}


def changes(before: Current | None, after: Current) -> dict[Key, Sums]:
    """What is to be added to items of totals when one state of a file follows another; no zeros."""
    sums: dict[Key, Sums] = defaultdict(Counter)
    for sign, state in ((-1, before), (1, after)):
        if state and state.contribution:
            for attribute, value in _of(state.contribution, state.status).items():
                sums[_key(state.file_id, state.contribution)][attribute] += sign * value
    return _without_zeros(sums)


def rejection(current: Current) -> dict[Key, Sums]:
    """What is to be added when the file that is shown turns out to be bad."""
    if current.contribution is None:
        return {}
    return {_key(current.file_id, current.contribution): Counter({REJECTS: 1})}


def folded(items: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, Totals]:
    """Totals by prefix, out of the sort keys and attributes of a day's items; prefixes without files are absent."""
    sums: dict[str, Sums] = defaultdict(Counter)
    for entry, attributes in items:
        sums[entry.rpartition("#")[0]].update(attributes)
    return {prefix: _totals(each) for prefix, each in sorted(sums.items()) if each[FILES]}


def _of(contribution: Contribution, status: Status) -> Sums:
    rejects = int(status is Status.REJECTED)
    return Counter({FILES: 1, BYTES: contribution.bytes, REJECTS: rejects, KINDS + contribution.kind: 1})


def _key(identity: str, contribution: Contribution) -> Key:
    return totals_partition(contribution.day), totals_entry(contribution.prefix, identity)


def _without_zeros(sums: Mapping[Key, Sums]) -> dict[Key, Sums]:
    kept = {key: Counter({name: value for name, value in each.items() if value}) for key, each in sums.items()}
    return {key: each for key, each in kept.items() if each}


def _totals(sums: Sums) -> Totals:
    kinds = {name.removeprefix(KINDS): value for name, value in sorted(sums.items()) if name.startswith(KINDS)}
    return Totals(
        files=sums[FILES],
        bytes=sums[BYTES],
        rejects=sums[REJECTS],
        kinds={name: value for name, value in kinds.items() if value},
    )
