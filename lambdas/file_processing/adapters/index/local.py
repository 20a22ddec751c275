"""The copy of the index on local disk, kept between invocations and brought up to date by the manifest.

Files have the unique names of their objects and appear whole, so that whatever a killed process left behind is either
complete or not there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import tantivy

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.index import engine
from lambdas.file_processing.adapters.index.manifest import Manifest, Segment
from lambdas.file_processing.adapters.index.objects import IndexObjects, Written
from lambdas.file_processing.ports import GoneError

_ROUNDS = 10
"""Of reading the manifest, each because files vanished: every hour at the most a writer sweeps."""


@dataclass(frozen=True)
class Snapshot:
    """The index at one moment, on local disk."""

    written: Written | None
    manifest: Manifest
    index: tantivy.Index
    searcher: tantivy.Searcher


class LocalCopy:
    """A directory with the files of the newest snapshot; one process has it for itself.

    Layout: ``files/<key>/`` holds the files of one object, ``views/<any>/`` the index that is made of links to them,
    ``work/`` what a writer is about.
    """

    def __init__(self, objects: IndexObjects, root: Path, *, downloads: int = 8) -> None:
        self._objects = objects
        self._files, self._views, self._work = root / "files", root / "views", root / "work"
        self._downloads = downloads
        self._snapshot: Snapshot | None = None
        for folder in (self._views, self._work):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self._files, self._views, self._work):
            folder.mkdir(parents=True, exist_ok=True)

    def refresh(self) -> Snapshot:
        """The index as it is now. Costs one call if it is known already."""
        for _ in range(_ROUNDS):
            known = self._snapshot
            written = self._objects.manifest(known.written if known else None)
            if known and written == known.written:
                return known
            try:
                return self.take(written)
            except GoneError:
                continue  # merged away in the meantime; by now the manifest names other files
        raise UnavailableError(f"files of the index vanished {_ROUNDS} times while they were downloaded")

    def take(self, written: Written | None) -> Snapshot:
        """Makes this the newest snapshot. Raises GoneError if files of it are gone."""
        manifest = written.manifest if written else Manifest(meta=engine.empty_meta())
        self._download(manifest)
        view = Path(mkdtemp(dir=self._views))
        engine.put_together(view, manifest.meta, ((each.entry, self.files(each)) for each in manifest.segments))
        index = engine.open_index(view)
        self._snapshot = Snapshot(written, manifest, index, index.searcher())
        self._tidy(manifest, view)
        return self._snapshot

    def put(self, key: str, files: Iterable[Path]) -> None:
        """Keeps files that have just been written under a key."""
        coming = self.workplace()
        for file in files:
            os.link(file, coming / file.name)
        coming.rename(self.folder(key))

    def files(self, segment: Segment) -> list[Path]:
        """Those of a segment of the snapshot."""
        found = [self.folder(segment.key) / name for name, _ in segment.files]
        return found + ([self.folder(segment.marks.key) / segment.marks.name] if segment.marks else [])

    def folder(self, key: str) -> Path:
        """Where the files of an object are, or are to be put."""
        return self._files / key.rpartition("/")[2]

    def workplace(self) -> Path:
        """An empty directory; all of them are gone with the next snapshot."""
        return Path(mkdtemp(dir=self._work))

    def _download(self, manifest: Manifest) -> None:
        missing = [each for each in _objects_of(manifest) if not self.folder(each[0]).exists()]
        if self._downloads == 1 or len(missing) < 2:
            for each in missing:
                self._fetch(*each)
            return
        with ThreadPoolExecutor(self._downloads) as pool:
            for done in [pool.submit(partial(self._fetch, *each)) for each in missing]:
                done.result()

    def _fetch(self, key: str, files: tuple[tuple[str, int], ...]) -> None:
        coming = self.workplace()
        self._objects.download(key, files, coming)
        coming.rename(self.folder(key))

    def _tidy(self, manifest: Manifest, view: Path) -> None:
        """Removes all else. An open index keeps what it reads, whether it has a name or not."""
        needed = {self.folder(key) for key in manifest.keys} | {view}
        for folder in (self._files, self._views, self._work):
            for each in folder.iterdir():
                if each not in needed:
                    # A thread of tantivy's may be about to make a lock file in it: then the next time removes it.
                    shutil.rmtree(each, ignore_errors=True)


def _objects_of(manifest: Manifest) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    for each in manifest.segments:
        yield each.key, each.files
        if each.marks:
            yield each.marks.key, ((each.marks.name, each.marks.size),)


def own_directory(parent: Path) -> Path:
    """A directory that no other process uses: that of a process that was killed, with all that it left, or a new one.

    After a failure Lambda starts a process anew in the same environment, whose disk keeps what was on it.
    """
    number = 0
    while not _is_ours(root := parent / f"full-text-index-{number}"):
        number += 1
    return root


def _is_ours(root: Path) -> bool:
    """Whether nobody else holds the lock; then this process does, until it ends."""
    root.mkdir(exist_ok=True)
    lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True  # the lock stays open
