"""What is put into the inbox, and what has to come of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lambdas.file_processing.contract import TEXT_PRODUCT
from lambdas.file_processing.contract.tables import Status, prefix_of
from local.use_cases.file_processing import archives, clips, papers, requests, tables

CLIP = "media/sunset.mp4"
PORTRAIT = "media/held upright.mov"
MELODY = "media/melody.flac"
GUIDE = "docs/guide.pdf"
COPY = "copies/the guide, once more.pdf"
PACKING = "docs/packing.md"
ORDERS, SHIPPED, READINGS = "orders/november.csv", "orders/shipped.parquet", "readings/hut.jsonl"
WEB_LOG, BALANCER_LOG = "shop/web-1.log.gz", "shop/balancer.log"
SITE = "shop/"
BUNDLE = "archives/bundle.zip"
_DRAFT, _OLD = "docs/draft.txt", "archives/old.zip"

VIDEO_PRODUCTS = ("poster.jpg", "strip.jpg", "video-360p.mp4")
LARGE = "video-720p.mp4"
BAD_ROWS = ("rows.jsonl.gz",)
BAD_LINES = ("lines.jsonl.gz",)

SEARCHES: dict[str, set[str]] = {
    "alpenglow": {GUIDE, COPY},
    '"larch wood"': {GUIDE, COPY},
    "zeppelin": {"docs/photo.jpg"},
    "equinox chimney": {"docs/minutes.docx"},
    "avalanches": {PACKING},
    "gaiters": {f"{BUNDLE}!/lists/packing.md"},
    "ibexes": {f"{BUNDLE}!/letters.zip!/etc/letter.txt"},
    "name:sunset": {CLIP},
    "funicular": set(),
    "scree": set(),
    "unfindable": set(),
}
"""The files that each query finds. What was in files that are replaced or deleted is found no more, nor are scripts."""


@dataclass(frozen=True, kw_only=True)
class File:
    """A file, and what has to come of it."""

    name: str
    """Its key; of members of archives the path that the archive has, made safe."""
    data: bytes
    kind: str
    status: Status = Status.READY
    products: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    reason: str | None = None
    members: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A file as the catalog has to show it."""

    name: str
    file: File
    archive: str
    """Key of the upload that it came with: its own, unless it is a member of an archive."""

    @property
    def prefix(self) -> str:
        """What it is counted under."""
        return prefix_of(self.archive)


@dataclass(frozen=True, kw_only=True)
class Samples:
    """All uploads: `first` come at once; `then`, when those are done with, others come, and some go."""

    first: Sequence[File]
    then: Sequence[File]
    deleted: Sequence[str]
    orders: tables.Table
    shipped: tables.Table
    readings: tables.Table
    traffic: requests.Traffic

    @property
    def uploads(self) -> Sequence[File]:
        """Those that are left in the end, and whose names begin nothing but themselves."""
        latest = {each.name: each for each in (*self.first, *self.then)}
        return [each for name, each in latest.items() if name not in self.deleted]

    def shown(self, uploads: Sequence[File]) -> list[Shown]:
        """The files that uploads come to, members of archives among them."""
        return [each for upload in uploads for each in _shown(upload, upload.name, upload.name)]


def samples(start: datetime) -> Samples:
    """The same each time, but for the times of requests: those begin at ``start``, a whole minute."""
    orders, shipped, readings = tables.orders_csv(), tables.orders_parquet(), tables.readings_json_lines()
    traffic = requests.traffic(start)
    rows = [
        File(name=ORDERS, data=orders.data, kind="csv", products=("valid/rows.csv",), quarantined=BAD_ROWS),
        File(name=SHIPPED, data=shipped.data, kind="parquet", products=("valid/rows.parquet",), quarantined=BAD_ROWS),
        File(
            name=READINGS, data=readings.data, kind="json_lines", products=("valid/rows.jsonl",), quarantined=BAD_ROWS
        ),
    ]
    logs = [
        File(name=WEB_LOG, data=traffic.web.data, kind="access_log", quarantined=BAD_LINES),
        File(name=BALANCER_LOG, data=traffic.balancer.data, kind="access_log", quarantined=BAD_LINES),
    ]
    return Samples(
        first=[*_media(), *rows, *logs, *_documents(), *_archives(), *_others()],
        then=[
            _document(COPY, papers.pdf(papers.GUIDE), "pdf"),
            _document(PACKING, papers.NEW_NOTES.encode(), "markdown"),
        ],
        deleted=(_DRAFT, _OLD),
        orders=orders,
        shipped=shipped,
        readings=readings,
        traffic=traffic,
    )


def _media() -> Iterator[File]:
    yield File(name=CLIP, data=clips.clip(), kind="video", products=(*VIDEO_PRODUCTS, LARGE))
    yield File(name=PORTRAIT, data=clips.portrait(), kind="video", products=VIDEO_PRODUCTS)
    yield File(name=MELODY, data=clips.melody(), kind="audio", products=("audio.m4a", "waveform.png"))


def _documents() -> Iterator[File]:
    yield _document(GUIDE, papers.pdf(papers.GUIDE), "pdf")
    yield _document("docs/photo.jpg", papers.PAGE.encode(), "html")
    yield _document(PACKING, papers.NOTES.encode(), "markdown")
    yield _document("docs/minutes.docx", papers.minutes(), "office")
    yield _document(_DRAFT, papers.DRAFT.encode(), "text")
    yield File(
        name="docs/torn.pdf",
        data=papers.pdf(papers.GUIDE)[:100],
        kind="pdf",
        status=Status.REJECTED,
        reason="damaged_document",
    )


def _archives() -> Iterator[File]:
    letters = {"../../etc/letter.txt": papers.LETTER.encode()}
    bundle = {
        "lists/packing.md": papers.NOTES.encode(),
        "cover.png": clips.still("PNG", 96, 64),
        "letters.zip": archives.packed(letters),
    }
    yield File(
        name=BUNDLE,
        data=archives.packed(bundle),
        kind="archive_zip",
        members=(
            _document("lists/packing.md", bundle["lists/packing.md"], "markdown"),
            File(name="cover.png", data=bundle["cover.png"], kind="image", status=Status.CATALOGUED),
            File(
                name="letters.zip",
                data=bundle["letters.zip"],
                kind="archive_zip",
                members=(_document("etc/letter.txt", papers.LETTER.encode(), "text"),),
            ),
        ),
    )
    slope = b"The scree below the col slides in spring: keep to the left bank.\n"
    yield File(
        name=_OLD,
        data=archives.packed({"slope.txt": slope}),
        kind="archive_zip",
        members=(_document("slope.txt", slope, "text"),),
    )
    yield File(
        name="archives/crowd.zip",
        data=archives.crowded(1_001),
        kind="archive_zip",
        status=Status.REJECTED,
        reason="too_many_entries",
    )


def _others() -> Iterator[File]:
    noise = random.Random("noise").randbytes(3_000)  # noqa: S311  nothing secret about it
    yield File(name="pictures/ridge.jpg", data=clips.still("JPEG", 480, 320), kind="image", status=Status.CATALOGUED)
    yield File(name="misc/noise", data=b"\0" + noise, kind="unknown", status=Status.CATALOGUED)
    yield File(name="placeholder", data=b"", kind="empty", status=Status.CATALOGUED)


def _document(name: str, data: bytes, kind: str) -> File:
    return File(name=name, data=data, kind=kind, products=(TEXT_PRODUCT,))


def _shown(file: File, name: str, archive: str) -> Iterator[Shown]:
    yield Shown(name=name, file=file, archive=archive)
    for member in file.members:
        yield from _shown(member, f"{name}!/{member.name}", archive)
