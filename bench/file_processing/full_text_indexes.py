"""Full-text indexes, each as a process: `python -m bench.file_processing.full_text_indexes NAME`.

``index``: adds all documents to an empty index, ten at a time, each ten durable before the next; ours in objects that
stand for S3's, theirs in a file. ``search``: answers all queries with total, ten best names, and snippets. Both answer
with CPU seconds of all threads, without making the documents.
"""

from __future__ import annotations

import gc
import hashlib
import io
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from bench.file_processing.full_text_inputs import documents, queries

BATCH: Final = 10
LIMIT: Final = 10


class Index(Protocol):
    """An implementation, in a directory of its own."""

    def add(self, batch: Sequence[tuple[str, str]]) -> None:
        """Adds documents, which are durable then."""

    def search(self, words: Sequence[str]) -> tuple[int, list[str]]:
        """How many documents have one of the words, and the best of them; their snippets are made as well."""

    @property
    def size(self) -> int:
        """In bytes, as it is stored."""


class Bucket:
    """The calls of S3 that the index makes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Key: str, Body: Any, **_: Any) -> Mapping[str, str]:  # noqa: N803
        self.objects[Key] = Body if isinstance(Body, bytes) else Body.read()
        return {"ETag": self._etag(Key)}

    def get_object(self, *, Key: str, IfNoneMatch: str | None = None, **_: Any) -> Mapping[str, Any]:  # noqa: N803
        from botocore.exceptions import ClientError

        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        if self._etag(Key) == IfNoneMatch:
            raise ClientError({"Error": {"Code": "304"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key]), "ETag": self._etag(Key)}

    def list_objects_v2(self, **_: Any) -> Mapping[str, Any]:
        return {"Contents": [], "IsTruncated": False}

    def _etag(self, key: str) -> str:
        return hashlib.md5(self.objects[key], usedforsecurity=False).hexdigest()


class Ours:
    """The writer and the searcher of the functions, with a local copy each."""

    def __init__(self, folder: Path) -> None:
        from lambdas.file_processing.adapters.index.local import LocalCopy
        from lambdas.file_processing.adapters.index.objects import IndexObjects
        from lambdas.file_processing.adapters.index.searcher import IndexSearcher
        from lambdas.file_processing.adapters.index.writer import IndexWriter

        self._objects = IndexObjects(Bucket(), "bucket")  # type: ignore[arg-type]
        self._writer = IndexWriter(self._objects, LocalCopy(self._objects, folder / "writer"), time.time)
        self._searcher = IndexSearcher(LocalCopy(self._objects, folder / "searcher"))

    def add(self, batch: Sequence[tuple[str, str]]) -> None:
        from lambdas.file_processing.domain.search import Document, Shown

        self._size = self._writer.refresh()
        made = [Document(Shown(file_id=name, name=name, kind="pdf", text_key=name), text) for name, text in batch]
        self._writer.states([name for name, _ in batch])
        self._size = self._writer.commit([], made)

    def search(self, words: Sequence[str]) -> tuple[int, list[str]]:
        from lambdas.file_processing.domain.search import parse

        found = self._searcher.search(parse(" ".join(words)), LIMIT)
        return found.total, [hit.name for hit in found.hits]

    @property
    def size(self) -> int:
        return self._size.bytes


class Theirs:
    """SQLite's FTS5 with its ``bm25()`` and ``snippet()``, and a commit for each batch; FULL makes it durable."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "index.sqlite"
        self._database = sqlite3.connect(self._path)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(
            "CREATE VIRTUAL TABLE documents USING fts5(name, text, tokenize = 'unicode61 remove_diacritics 2')"
        )

    def add(self, batch: Sequence[tuple[str, str]]) -> None:
        with self._database:
            self._database.executemany("INSERT INTO documents (name, text) VALUES (?, ?)", batch)

    def search(self, words: Sequence[str]) -> tuple[int, list[str]]:
        wanted = " OR ".join(f'"{word}"' for word in words)
        [total] = self._database.execute("SELECT count(*) FROM documents WHERE documents MATCH ?", [wanted]).fetchone()
        rows = self._database.execute(
            "SELECT name, bm25(documents, 2.0, 1.0) AS score, snippet(documents, 1, '[', ']', '…', 32) FROM documents "
            "WHERE documents MATCH ? ORDER BY score LIMIT ?",
            [wanted, LIMIT],
        ).fetchall()
        return total, [name for name, _, _ in rows]

    @property
    def size(self) -> int:
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self._path.stat().st_size


NAMES: Final[Mapping[str, Callable[[Path], Index]]] = {"ours": Ours, "sqlite-fts5": Theirs}


def _indexed(kind: Callable[[Path], Index], folder: Path, texts: Sequence[tuple[str, str]]) -> tuple[Index, float]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    index = kind(folder)
    gc.collect()
    began = time.process_time()
    for at in range(0, len(texts), BATCH):
        index.add(texts[at : at + BATCH])
    return index, time.process_time() - began


def _searched(index: Index, asked: Iterable[Sequence[str]]) -> tuple[list[int], float]:
    began = time.process_time()
    totals = [index.search(words)[0] for words in asked]
    return totals, time.process_time() - began


def main() -> None:
    """Answers requests, one a line."""
    kind, texts, asked = NAMES[sys.argv[1]], documents(), queries()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "index"
        index, _ = _indexed(kind, folder, texts)
        _searched(index, asked)
        print(json.dumps({"size": index.size}), flush=True)
        for line in sys.stdin:
            if json.loads(line)["case"] == "index":
                index, seconds = _indexed(kind, folder, texts)
                answer: dict[str, object] = {"seconds": seconds}
            else:
                totals, seconds = _searched(index, asked)
                answer = {"seconds": seconds, "totals": totals}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
