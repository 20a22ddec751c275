"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with fakes.

Everything here may raise `UnavailableError`: what was asked is done, or not, or in part, and is to be asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from lambdas.table_etl.contract import Quarantined, Task
from lambdas.table_etl.domain.pipeline import Flow
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


@dataclass(frozen=True)
class LakeObject:
    """What a listing tells of an object."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True)
class Pointer:
    """A pointer as it was read."""

    target: str
    """Key of the object that it names."""
    etag: str


class OvertakenError(Exception):
    """Another compactor has replaced the pointer."""


class LakeObjects(Protocol):
    """The bucket of the lake."""

    def list(self, prefix: str) -> Iterator[LakeObject]:
        """All objects, in the order of their keys, page by page."""

    def download(self, key: str, path: Path) -> bool:
        """Writes an object to a file. False if there is none."""

    def upload(self, path: Path, key: str) -> None:
        """Writes a file to an object."""

    def pointer(self, key: str) -> Pointer | None:
        """Reads a pointer; None if there is none. Raises MergeError if it names nothing in the lake."""

    def point(self, key: str, target: str, replaced: Pointer | None) -> None:
        """Lets a pointer name another object, in one step. Raises OvertakenError if it is not as it was read."""

    def delete(self, keys: Iterable[str]) -> None:
        """Deletes objects, whether there or not."""


@dataclass(frozen=True)
class DayFiles:
    """One generation of a day, in files."""

    rows: Path
    tombstones: Path


class MergeError(Exception):
    """Rows could not be merged; says why. It will be so again until somebody does something about it."""


class Staged(Protocol):
    """Some staged objects of one dataset, read."""

    def days(self) -> Sequence[str]:
        """Days of which there are rows or deletions, sorted."""

    def merge(self, day: str, before: DayFiles | None, after: DayFiles) -> bool:
        """Writes a day's rows and tombstones as they are with what is staged.

        False, and nothing is written, if nothing staged is newer than what was there before. Raises MergeError.
        """


class Merger(Protocol):
    """What merges staged rows into sorted Parquet. It keeps the greatest version of each key."""

    def stage(self, flow: Flow[Any], files: Sequence[Path], directory: Path) -> AbstractContextManager[Staged]:
        """Reads staged objects; what does not fit into the memory goes into the directory. Raises MergeError."""
