"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with a model.

All of it raises `lambdas.common.failures.UnavailableError` where AWS does not do what it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.messages import Member, Work
from lambdas.file_processing.domain.catalog import Admitted, Current, Origin, Settlement, Share, Source
from lambdas.file_processing.domain.processing import Head, Job, Measurement, Rejected
from lambdas.file_processing.domain.search import Document, Found, IndexSize, Query, Shown


class GoneError(Exception):
    """The object version no longer exists; the event of its removal tells what to do."""


class Jobs(Protocol):
    """The service that transcodes what takes longer than a function may."""

    def start(self, job: Job, source: str, destination: str, token: str) -> str:
        """Id of the job that reads the S3 URI ``source`` and writes below ``destination``; one job for one token.

        The token is `<file id>/<generation>`, and travels with the job. Raises Rejected for what it refuses.
        """


class Metrics(Protocol):
    """The table of metrics per minute."""

    def write(self, shard: str, measurements: Sequence[Measurement]) -> None:
        """Writes the items of one shard, which nobody else writes; repeating it changes nothing."""

    def delete(self, shard: str, keys: Sequence[tuple[str, str, int]]) -> None:
        """Deletes items by metric, dimension and start of the period."""


class Products(Protocol):
    """The bucket that readers read from."""

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Writes one object."""

    def write(self, key: str, data: bytes, content_type: str) -> None:
        """Writes one small object."""

    def read(self, key: str) -> bytes | None:
        """Content of one small object, None where there is none."""

    def discard(self, prefix: str) -> None:
        """Deletes every object under ``prefix``, if there is any."""

    def uri(self, key: str) -> str:
        """How other services of AWS name an object: ``s3://…``."""


class Quarantine(Protocol):
    """The bucket of what was bad."""

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Writes one object."""

    def keep(self, prefix: str, file: Current, verdict: Rejected) -> None:
        """Copies the original under ``prefix`` and writes the reason beside it. Raises GoneError."""

    def note(self, prefix: str, file: Current, verdict: Rejected) -> None:
        """Writes the reason under ``prefix``, and leaves the original where it is."""


@dataclass(frozen=True)
class Content:
    """What was read of a file."""

    head: Head
    sha256: str


@dataclass(frozen=True)
class Seen:
    """A file as it is stored; ``content`` is None if it is too big to be read, or archived."""

    size: int
    modified: datetime
    content: Content | None
    archived: bool = False
    """Whether nobody can read it before it is restored."""


class Originals(Protocol):
    """The bucket of uploads, and the members of archives."""

    def visible_version(self, bucket: str, key: str) -> str | None:
        """Id of the version that a plain GET shows, None if it shows none."""

    def look(self, source: Source, max_bytes: int) -> Seen:
        """Reads the file once, in little memory. Raises GoneError."""

    def download(self, source: Source, path: Path) -> None:
        """Writes the content to local disk. Raises GoneError."""


class Catalog(Protocol):
    """The table of files."""

    def get(self, file_id: str) -> Current | None:
        """The present state as last written (a consistent read)."""

    def first(self, sha256: str) -> Origin | None:
        """The version that had this content first."""

    def admit(self, step: Admitted) -> bool:
        """Writes a state, its version and totals, if the state before and the first of its content are unchanged."""

    def told(self, current: Current) -> None:
        """Notes that all have been told of this state; a newer one has taken over what was to be told."""

    def settle(self, current: Current, settlement: Settlement) -> bool:
        """Writes what came of a generation, and totals with it, if it is shown and has the expected status still."""


class Budgets(Protocol):
    """What may come out of one upload, however deep in archives."""

    def reserve(self, archive: Current, share: Share, most: Share) -> bool:
        """Adds the share of an archive to what has come out of its upload, once, if that is ``most`` at most.

        No share is greater than ``most`` by itself.
        """


class Lanes(Protocol):
    """The queues of the lanes."""

    def look(self, lane: Lane, work: Work) -> None:
        """Asks a lane to look at one generation."""


class Messages(Protocol):
    """Messages that the queue of a function has handed out to it."""

    def hide(self, receipts: Sequence[str], seconds: int) -> None:
        """Ten at most come again after so many seconds from now, whatever was left of their time."""


class Index(Protocol):
    """The queue of the full-text index."""

    def changed(self, file_id: str) -> None:
        """Asks for the index to agree with the catalog about a file; to be called after the catalog has changed."""


class Members(Protocol):
    """What archives were unpacked to: recorded first, announced then, so that none is forgotten."""

    def record(self, file_id: str, generation: str, members: Sequence[Member]) -> None:
        """Notes members of one generation of an archive in the catalog; again, if need be."""

    def recorded(self, file_id: str, generation: str) -> Iterable[Member]:
        """What was recorded of a generation, as creations."""

    def forget(self, file_id: str, generation: str, members: Sequence[Member]) -> None:
        """Deletes the notes."""

    def announce(self, members: Sequence[Member]) -> None:
        """Sends members to the arrivals queue, as many to a call as it takes."""


class OvertakenError(Exception):
    """Another writer has changed the index since it was read: nothing was written, and all is to be done anew."""


class SearchableFiles(Protocol):
    """What the catalog and the products bucket tell of files that are to be found."""

    def shown(self, file_id: str) -> Shown | None:
        """What the index is to have of a file now (consistent reads), None where it is to have nothing."""

    def text(self, key: str) -> str | None:
        """The text of a document, as much of it as is indexed, None if it is gone."""


class FullTextIndex(Protocol):
    """The index, as its writer sees it."""

    def refresh(self) -> IndexSize:
        """Reads what the index is now; the other calls are about this state of it."""

    def states(self, file_ids: Collection[str]) -> Mapping[str, str]:
        """`Shown.state` of those of the files that the index has."""

    def commit(self, removed: Collection[str], added: Sequence[Document]) -> IndexSize:
        """Removes files and adds documents, all or nothing. Raises OvertakenError."""


class Searcher(Protocol):
    """The index, as its readers see it."""

    def search(self, query: Query, limit: int) -> Found:
        """What is found in the index as it is now."""
