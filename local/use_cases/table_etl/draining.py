"""Waits until all changes and all files are in the targets."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from lambdas.table_etl.contract import Quarantined
from local.use_cases.table_etl.shop import Key


class Targets(Protocol):
    """What can be asked while things are under way."""

    def loaded(self) -> set[Key]: ...

    def quarantined(self) -> list[Quarantined]: ...

    def waiting(self) -> dict[str, int]: ...


@dataclass(frozen=True)
class Awaited:
    """What tells that everything has come through.

    A shard's changes come in order, so that the last one tells of all. Rows of files that stand behind live changes
    leave no trace; but a file's message is only deleted when all of its rows are loaded.
    """

    items: AbstractSet[Key]
    """That have to be in the read model: the last that was written, and those that only history tells of."""
    rejected: int

    def left(self, targets: Targets) -> list[str]:
        """What has not come through yet; what is cheap to ask for first, since asking takes the functions' time."""
        if waiting := _told(targets.waiting()):
            return waiting
        rejected = self.rejected - len({str(each.position) for each in targets.quarantined()})
        missing = len(self.items - targets.loaded())
        return _told(
            {
                "changes and rows that are not in quarantine": rejected,
                "items that are not in the read model": missing,
            }
        )


def _told(counts: Mapping[str, int]) -> list[str]:
    return [f"{count} {meaning}" for meaning, count in counts.items() if count > 0]
