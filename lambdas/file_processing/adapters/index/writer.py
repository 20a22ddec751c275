"""The index's writer: segments that are added, marked and merged on local disk, and one conditional write that makes
them the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tantivy

from lambdas.file_processing.adapters.index import engine
from lambdas.file_processing.adapters.index.local import LocalCopy, Snapshot
from lambdas.file_processing.adapters.index.manifest import Manifest, Marks, Segment
from lambdas.file_processing.adapters.index.objects import IndexObjects, packed
from lambdas.file_processing.domain.search import Document, IndexSize
from lambdas.file_processing.domain.segments import to_merge

_OPERATIONS = 1_000
"""Of tantivy's, which each commit has for itself, more than files in a batch: files of marks are named after them."""
GRACE = 60 * 60
"""Seconds: objects that nobody needs are looked for as often, and left alone for as long. No writer takes so long, so
what another one is about to refer to is never among them."""


@dataclass(frozen=True)
class _Piece:
    """A segment of the index that is to be; without ``segment`` its object is still to be written."""

    entry: dict[str, Any]
    folder: Path
    segment: Segment | None = None
    marks: Path | None = None
    """A file that is still to be written, or the one that ``segment`` names."""

    @property
    def alive(self) -> int:
        """Documents that are not deleted."""
        return engine.alive(self.entry)

    @property
    def files(self) -> list[Path]:
        """All of them."""
        found = [self.folder / name for name in engine.names_of(self.folder, self.entry)]
        return found + ([self.marks] if self.marks else [])


class IndexWriter:
    """The `FullTextIndex` in S3."""

    def __init__(self, objects: IndexObjects, local: LocalCopy, now: Callable[[], float]) -> None:
        self._objects = objects
        self._local = local
        self._now = now
        self._snapshot: Snapshot | None = None

    def refresh(self) -> IndexSize:
        """One call, and the download of what others have written since."""
        self._snapshot = self._local.refresh()
        return _size(self._snapshot.manifest)

    def states(self, file_ids: Collection[str]) -> Mapping[str, str]:
        """Out of the documents themselves."""
        return {file_id: state for _, file_id, state in _found(self._seen, file_ids)}

    def commit(self, removed: Collection[str], added: Sequence[Document]) -> IndexSize:
        """Files first, then the manifest, which refers to them; what a killed writer leaves is swept."""
        old = self._seen
        pieces = self._marked(old, removed)
        if added:
            pieces += self._built(old.manifest.meta, added)
        while chosen := to_merge(pieces):
            pieces = [each for each in pieces if each not in chosen] + self._merged(old.manifest.meta, chosen)
        now, swept_at = self._now(), old.manifest.swept_at
        is_due = now - swept_at >= GRACE
        manifest = Manifest(
            generation=old.manifest.generation + 1,
            meta={**old.manifest.meta, "opstamp": old.manifest.meta["opstamp"] + _OPERATIONS},
            segments=tuple(self._uploaded(each) for each in pieces),
            swept_at=now if is_due else swept_at,
        )
        self._snapshot = self._local.take(self._objects.replace_manifest(old.written, manifest))
        if is_due:
            self._objects.delete(self._objects.unneeded(manifest.keys, now - GRACE))
        return _size(manifest)

    @property
    def _seen(self) -> Snapshot:
        if self._snapshot is None:
            raise RuntimeError("the index was not read yet: refresh first")
        return self._snapshot

    def _marked(self, old: Snapshot, removed: Collection[str]) -> list[_Piece]:
        """All segments, with these files marked as deleted in those that have them."""
        bad: dict[int, list[str]] = defaultdict(list)
        for number, file_id, _ in _found(old, removed):
            bad[number].append(file_id)
        pieces: list[_Piece] = []
        for number, segment in enumerate(old.manifest.segments):
            piece = self._kept(segment)
            pieces += self._without(old.manifest.meta, piece, bad[number]) if number in bad else [piece]
        return pieces

    def _kept(self, segment: Segment) -> _Piece:
        marks = self._local.folder(segment.marks.key) / segment.marks.name if segment.marks else None
        return _Piece(segment.entry, self._local.folder(segment.key), segment, marks)

    def _without(self, meta: Mapping[str, Any], piece: _Piece, file_ids: Collection[str]) -> list[_Piece]:
        """A segment by itself, so that nothing is merged with it; it is dropped when nothing is left of it."""
        folder = self._together(meta, [piece])
        left = engine.remove(folder, file_ids)["segments"]
        if sum(map(engine.alive, left)) != piece.alive - len(file_ids):
            raise RuntimeError(f"segment {piece.entry['segment_id']} does not hold what the search found in it")
        return [replace(piece, entry=each, marks=folder / str(engine.marks_of(each))) for each in left]

    def _built(self, meta: Mapping[str, Any], documents: Sequence[Document]) -> list[_Piece]:
        folder = self._together(meta, [])
        return [_Piece(each, folder) for each in engine.add(folder, documents)["segments"]]

    def _merged(self, meta: Mapping[str, Any], chosen: Sequence[_Piece]) -> list[_Piece]:
        folder = self._together(meta, chosen)
        made = engine.merge(folder)["segments"]
        if len(made) > 1:
            raise RuntimeError(f"tantivy left {len(made)} segments of {len(chosen)} that it should have merged")
        return [_Piece(each, folder) for each in made]

    def _together(self, meta: Mapping[str, Any], pieces: Iterable[_Piece]) -> Path:
        folder = self._local.workplace()
        engine.put_together(folder, meta, ((each.entry, each.files) for each in pieces))
        return folder

    def _uploaded(self, piece: _Piece) -> Segment:
        """The segment as the manifest names it, with all of its objects in the bucket."""
        segment = piece.segment or self._packed(piece)
        marks = segment.marks
        if piece.marks and (marks is None or marks.name != piece.marks.name):
            key = self._objects.upload(piece.marks)
            self._local.put(key, [piece.marks])
            marks = Marks(key, piece.marks.name, piece.marks.stat().st_size)
        return Segment(segment.key, segment.files, piece.entry, marks)

    def _packed(self, piece: _Piece) -> Segment:
        files = [piece.folder / name for name in engine.names_of(piece.folder, piece.entry)]
        pack = packed(files, self._local.workplace() / "pack")
        key = self._objects.upload(pack)
        pack.unlink()
        self._local.put(key, files)
        return Segment(key, tuple((each.name, each.stat().st_size) for each in files), piece.entry)


def _size(manifest: Manifest) -> IndexSize:
    return IndexSize(len(manifest.segments), manifest.size)


def _found(snapshot: Snapshot, file_ids: Collection[str]) -> Iterator[tuple[int, str, str]]:
    """Which segment has which of the files, and in which state; segments are numbered as in the manifest."""
    searcher = snapshot.searcher
    wanted = tantivy.Query.term_set_query(snapshot.index.schema, engine.FILE_ID, list(file_ids))
    for _, address in searcher.search(wanted, limit=max(1, len(file_ids)), count=False).hits:
        document = searcher.doc(address)
        yield address.segment_ord, engine.stored(document, engine.FILE_ID), engine.stored(document, engine.STATE)
