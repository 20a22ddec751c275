"""The full-text engine, tantivy: its schema, and segments that are built, marked and merged one directory at a time.

An index of tantivy's is a directory: files of segments, and a ``meta.json`` that names them. Any segments of the
same schema make an index, wherever they come from, so that one can be put together of just those that something is to
be done to. Every directory here is made for one purpose, and given up after it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import tantivy

from lambdas.file_processing.domain.search import Document

FILE_ID, STATE, KIND, NAME, TITLE, TEXT = "file_id", "state", "kind", "name", "title", "text"
_ANALYZER = "words"
_LONGEST_WORD = 64
"""Bytes; longer ones are no words that anybody searches for."""
_HEAP = 100_000_000
"""Bytes; what is added at once fits, so that it becomes one segment."""
_META = "meta.json"


@cache
def analyzer() -> tantivy.TextAnalyzer:
    """Words without case and accents: *Café* is ``cafe``."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    filters = (tantivy.Filter.remove_long(_LONGEST_WORD), tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold())
    for each in filters:
        builder = builder.filter(each)
    return builder.build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(FILE_ID, stored=True, tokenizer_name="raw", index_option="basic")
    for name in (STATE, KIND):
        builder.add_bytes_field(name, stored=True)
    for name in (NAME, TITLE, TEXT):
        builder.add_text_field(name, stored=True, tokenizer_name=_ANALYZER)
    return builder.build()


@cache
def empty_meta() -> dict[str, Any]:
    """``meta.json`` of an index without segments."""
    with TemporaryDirectory() as folder:
        tantivy.Index(_schema(), path=folder)
        meta = _meta(Path(folder))
    del meta["segments"]
    return meta


def open_index(folder: Path) -> tantivy.Index:
    """The index in a directory."""
    index = tantivy.Index.open(str(folder))
    # By default a thread looks for changes twice a second as long as the index is open.
    index.config_reader("manual")
    index.register_tokenizer(_ANALYZER, analyzer())
    return index


def put_together(
    folder: Path, meta: Mapping[str, Any], segments: Iterable[tuple[dict[str, Any], Iterable[Path]]]
) -> None:
    """Makes an index of segments: what ``meta.json`` has of each, and its files, which are linked to."""
    entries = []
    for entry, files in segments:
        entries.append(entry)
        for file in files:
            os.link(file, folder / file.name)
    (folder / _META).write_bytes(msgspec.json.encode({**meta, "segments": entries}))


def add(folder: Path, documents: Sequence[Document]) -> dict[str, Any]:
    """Adds documents to the index in a directory, and returns its new ``meta.json``."""

    def work(writer: tantivy.IndexWriter) -> None:
        for each in documents:
            writer.add_document(_as_document(each))

    return _write(folder, work)


def remove(folder: Path, file_ids: Collection[str]) -> dict[str, Any]:
    """Marks documents as deleted, and returns the new ``meta.json``; segments without any other are not in it."""

    def work(writer: tantivy.IndexWriter) -> None:
        for each in file_ids:
            writer.delete_documents_by_term(FILE_ID, each)

    return _write(folder, work)


def merge(folder: Path) -> dict[str, Any]:
    """Makes one segment of several that `domain.segments` chose, and returns the new ``meta.json``.

    A commit lets tantivy look for what to merge, though there is nothing to commit.
    """
    return _write(folder, lambda _: None)


def stored(document: tantivy.Document, name: str) -> str:
    """What a document that was found holds in one field."""
    value = document.get_first(name)
    return value.decode() if isinstance(value, bytes) else str(value)


def names_of(folder: Path, entry: dict[str, Any]) -> list[str]:
    """Names of a segment's files, without that of its marks."""
    stem = entry["segment_id"].replace("-", "")
    return sorted(each.name for each in folder.glob(f"{stem}.*") if each.suffix != ".del")


def marks_of(entry: dict[str, Any]) -> str | None:
    """Name of the file that says which documents of a segment are deleted."""
    deletes = entry["deletes"]
    return deletes and f"{entry['segment_id'].replace('-', '')}.{deletes['opstamp']}.del"


def alive(entry: dict[str, Any]) -> int:
    """Documents of a segment that are not deleted."""
    deletes = entry["deletes"]
    return int(entry["max_doc"] - (deletes["num_deleted_docs"] if deletes else 0))


def _write(folder: Path, work: Callable[[tantivy.IndexWriter], None]) -> dict[str, Any]:
    writer = open_index(folder).writer(heap_size=_HEAP, num_threads=1)
    work(writer)
    writer.commit()
    writer.wait_merging_threads()
    return _meta(folder)


def _meta(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((folder / _META).read_bytes())
    return found


def _as_document(document: Document) -> tantivy.Document:
    file = document.file
    made = tantivy.Document()
    made.add_text(FILE_ID, file.file_id)
    made.add_bytes(STATE, file.state.encode())
    made.add_bytes(KIND, file.kind.encode())
    made.add_text(NAME, file.name)
    made.add_text(TITLE, file.title)
    made.add_text(TEXT, document.text)
    return made
