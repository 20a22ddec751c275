"""A catalog that changes, the index that is to agree with it, and people who search."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import msgspec

from lambdas.common.calls import aws_call
from lambdas.file_processing.adapters.index.files import CataloguedFiles
from lambdas.file_processing.adapters.index.local import LocalCopy
from lambdas.file_processing.adapters.index.manifest import Manifest, decode
from lambdas.file_processing.adapters.index.objects import FILES, MANIFEST, IndexObjects
from lambdas.file_processing.adapters.index.searcher import IndexSearcher
from lambdas.file_processing.adapters.index.writer import IndexWriter
from lambdas.file_processing.contract import TEXT_PRODUCT, generation_prefix
from lambdas.file_processing.contract.tables import Status, file_id
from lambdas.file_processing.domain.catalog import Current, ProductItem, Version
from lambdas.file_processing.domain.search import Found, parse
from lambdas.file_processing.workflow.indexing import Indexing, Outcome
from tests.support.fake_aws import FakeS3, Outside

BUCKET = "products"
START = 1_795_000_000.0
MEMORY = Path("/dev/shm")  # noqa: S108


@contextmanager
def disk() -> Iterator[Path]:
    """A directory, in memory where there is such a one: schedules are many, and each waits for the disk."""
    root = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)  # a thread of tantivy's may still be writing its lock


@dataclass
class Catalog:
    """The table of files, with the calls that the index makes of it."""

    outside: Outside
    states: dict[str, tuple[Current, Version]] = field(default_factory=dict)

    def get(self, file_id: str) -> Current | None:
        found = self._read(file_id)
        return found[0] if found else None

    def version(self, file_id: str, version_id: str) -> Version | None:
        found = self._read(file_id)
        return found[1] if found and found[1].version_id == version_id else None

    def _read(self, file_id: str) -> tuple[Current, Version] | None:
        with aws_call("read from the catalog"):
            return self.outside.call("GetItem", lambda _: self.states.get(file_id))  # type: ignore[no-any-return]


class Clock:
    """Seconds, which pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> float:
        return self.seconds


class World:
    """Files in the catalog, and what of them is in the index's objects."""

    def __init__(self, root: Path, outside: Outside | None = None) -> None:
        self.root = root
        self.outside = outside or Outside()
        self.s3 = FakeS3(self.outside)
        self.catalog = Catalog(self.outside)
        self.clock = Clock()
        self.changes = 0
        self._writer: Indexing | None = None
        self._searcher: IndexSearcher | None = None
        self.wait(0)

    # --- the catalog ------------------------------------------------------------------------------------------------

    def put(self, name: str, text: str | None = "", *, status: Status = Status.READY, **facts: Any) -> str:
        """A new version of a file is settled; None is a file without text."""
        self.changes += 1
        identity, generation = file_id("inbox", name), f"{self.changes:08}"
        key = f"{generation_prefix(identity, generation)}{TEXT_PRODUCT}"
        products: tuple[ProductItem, ...] = ()
        if text is not None:
            self.objects[key] = text.encode()
            products = (ProductItem(name=TEXT_PRODUCT, key=key, content_type="text/plain", bytes=len(text.encode())),)
        common: dict[str, Any] = {"file_id": identity, "name": name, "generation": generation, "kind": "text"}
        common |= {"status": status, "version_id": generation, "arrived_at": "2026-11-26T00:00:00Z"}
        times: dict[str, Any] = {"recognized_at": "2026-11-26T00:00:00Z", "updated_at": "2026-11-26T00:00:00Z"}
        self.catalog.states[identity] = (
            Current(bucket="inbox", object_key=name, sequencer=generation, **common),
            Version(
                **common,
                **times,
                media_type="text/plain",
                bytes=1,
                facts=msgspec.json.encode(facts).decode() if facts else None,
                products=products,
            ),
        )
        return identity

    def remove(self, name: str) -> str:
        """The file is deleted, and its products with it."""
        identity = file_id("inbox", name)
        if identity in self.catalog.states:
            current, version = self.catalog.states[identity]
            for each in version.products:
                self.objects.pop(each.key, None)
            gone = msgspec.structs.replace(current, status=Status.DELETED, version_id=None, generation=None, kind=None)
            self.catalog.states[identity] = (gone, version)
        return identity

    def texts(self) -> dict[str, str]:
        """What is to be found: text by name."""
        return {
            version.name: "".join(self.objects[each.key].decode() for each in version.products)
            for current, version in self.catalog.states.values()
            if current.status in {Status.READY, Status.CATALOGUED}
        }

    # --- the index --------------------------------------------------------------------------------------------------

    @property
    def objects(self) -> dict[str, bytes]:
        return self.s3.buckets[BUCKET]

    @property
    def manifest(self) -> Manifest:
        return decode(self.objects[MANIFEST])

    @property
    def files(self) -> set[str]:
        """Keys of the index's files, whether they are needed or not."""
        return {key for key in self.objects if key.startswith(FILES)}

    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.s3.now = self.s3.now.fromtimestamp(self.clock.seconds, self.s3.now.tzinfo)

    def new_writer(self, *, max_text_bytes: int = 10_000, max_bytes: int = 10**9, folder: str = "") -> Indexing:
        """A function that starts, with an empty disk or that of an earlier one."""
        objects = IndexObjects(self.s3, BUCKET)  # type: ignore[arg-type]
        files = CataloguedFiles(self.catalog, self.s3, BUCKET, max_text_bytes)  # type: ignore[arg-type]
        writer = IndexWriter(objects, self.new_copy(folder), self.clock)
        return Indexing(files, writer, max_bytes=max_bytes)

    def new_copy(self, folder: str = "") -> LocalCopy:
        path = self.root / folder if folder else Path(mkdtemp(dir=self.root))
        return LocalCopy(IndexObjects(self.s3, BUCKET), path, downloads=1)  # type: ignore[arg-type]

    def index(self, *file_ids: str) -> Outcome:
        """The function gets a batch of messages."""
        self._writer = self._writer or self.new_writer()
        return self._writer.agree(file_ids)

    def restart_writer(self) -> None:
        """The function was killed; another one starts."""
        self._writer = None

    # --- people -----------------------------------------------------------------------------------------------------

    def search(self, query: str, limit: int = 1_000) -> Found:
        self._searcher = self._searcher or IndexSearcher(self.new_copy())
        return self._searcher.search(parse(query), limit)

    def names(self, query: str) -> list[str]:
        """Of the files that are found, the best first."""
        return [each.name for each in self.search(query).hits]
