"""The one way in which changes get into the targets, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from lambdas.table_etl.domain.changes import Change
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.ports import Quarantine, Target


@dataclass(frozen=True)
class Outcome:
    """What became of some changes."""

    loaded: int
    rejected: int
    ignored: int
    quarantined: str | None
    """Key of the object that holds those that were rejected."""


@dataclass(frozen=True)
class Loader:
    """Transforms changes, keeps what is rejected, and hands the rest to every target.

    Each effect can be repeated without harm, so whatever fails, or is killed, is simply done again from the beginning.
    """

    transformer: Transformer
    targets: Sequence[Target]
    quarantine: Quarantine

    def load(self, changes: Iterable[Change], arrived: date) -> Outcome:
        """Loads changes. Raises UnavailableError when a part of it has to be done again."""
        done = self.transformer.run(changes)
        quarantined = self.quarantine.keep(done.rejected, arrived) if done.rejected else None
        if done.loaded:
            for target in self.targets:
                target.load(done.loaded, arrived)
        return Outcome(len(done.loaded), len(done.rejected), done.ignored, quarantined)
