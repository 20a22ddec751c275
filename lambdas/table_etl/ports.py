"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with fakes.

Everything here may raise `UnavailableError`: what was asked is done, or not, or in part, and is to be asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from lambdas.table_etl.contract import Quarantined, Task
from lambdas.table_etl.domain.transform import Loaded


class Target(Protocol):
    """A data store that rows are loaded into."""

    def load(self, loaded: Sequence[Loaded], arrived: date) -> None:
        """Takes rows and deletions, in this order; the same ones again, or older ones later, change nothing.

        ``arrived``: the day of their first change or file.
        """


class Quarantine(Protocol):
    """The bucket of what was rejected."""

    def keep(self, lines: Sequence[Quarantined], day: date) -> str:
        """Writes lines, in this order, and returns the object's key; equal lines get an equal key."""


class Tasks(Protocol):
    """The queue of files to be loaded."""

    def send(self, tasks: Sequence[Task]) -> None:
        """Asks for files to be loaded, each at least once."""


class FileGoneError(Exception):
    """This version of the file has been deleted."""


class Files(Protocol):
    """The bucket that historical data is dropped into."""

    def small(self, bucket: str, key: str, version_id: str | None, most: int) -> bytes:
        """Content of a file, such as a manifest. Raises FileGoneError, or Rejected for more than ``most`` bytes."""

    def stream(self, task: Task, chunk: int) -> AbstractContextManager[Iterator[bytes]]:
        """Content of a file as stored, piece by piece. Raises FileGoneError."""
