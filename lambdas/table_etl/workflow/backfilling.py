"""From a task to rows in the targets, by the same code as live changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from lambdas.table_etl.contract import Quarantined, ReasonCode, Task
from lambdas.table_etl.domain.changes import FileRow
from lambdas.table_etl.domain.history.files import rejected_file
from lambdas.table_etl.domain.history.rows import Row, rows
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.ports import FileGoneError, Files
from lambdas.table_etl.workflow.loading import Loader

CHUNK = 1024 * 1024
"""Of a file as stored, read at a time."""
BATCH_ROWS = 1_000
BATCH_BYTES = 2_000_000
"""Of rows that are loaded at a time, whichever is reached first."""


@dataclass
class Outcome:
    """What became of a file's rows."""

    rows: int = 0
    loaded: int = 0
    rejected: int = 0
    """A file, or the rest of one, counts as one."""


@dataclass(frozen=True)
class Backfiller:
    """Loads files, each from its beginning to its end; what a kill leaves half done is loaded again, to no effect."""

    files: Files
    loader: Loader

    def load(self, task: Task) -> Outcome:
        """Loads a file in memory that does not grow with it. Raises UnavailableError: it is to be done again."""
        outcome, day = Outcome(), task.moment.date()
        try:
            with self.files.stream(task, CHUNK) as chunks:
                for batch in _batches(rows(task, chunks, self.loader.transformer.limits)):
                    self._load(batch, day, outcome)
        except FileGoneError:
            gone = Rejected(ReasonCode.FILE_GONE, "this version of the file has been deleted: drop it again if need be")
            self._keep([rejected_file(task, gone)], day, outcome)
        return outcome

    def _load(self, batch: list[Row], day: date, outcome: Outcome) -> None:
        unread = [each for each in batch if isinstance(each, Quarantined)]
        if unread:
            self._keep(unread, day, outcome)
        read = [each for each in batch if isinstance(each, FileRow)]
        if read:
            done = self.loader.load(read, day)
            outcome.rows += len(read)
            outcome.loaded += done.loaded
            outcome.rejected += done.rejected

    def _keep(self, unread: list[Quarantined], day: date, outcome: Outcome) -> None:
        self.loader.quarantine.keep(unread, day)
        outcome.rows += len(unread)
        outcome.rejected += len(unread)


def _batches(found: Iterable[Row]) -> Iterator[list[Row]]:
    """The same ones whenever the file is read, so that what is written twice is written under the same names."""
    batch: list[Row] = []
    size = 0
    for row in found:
        batch.append(row)
        size += len(row.payload)
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
