"""What kinds of files are to recognition, and what processors are handed and give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import Limits

Fact = str | int | float | bool | None | list["Fact"] | dict[str, "Fact"]
"""Of metadata: what JSON holds."""

MAX_METADATA_BYTES = 64 * 1024
"""Of a file's metadata as JSON, so that its item stays far below DynamoDB's 400 KB; longer goes into a product."""


class Rejected(Exception):  # noqa: N818  a verdict on the input, not a fault of the program
    """The file will never be processed; it belongs in quarantine with this reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """Snake case, such as ``too_many_entries``."""
        self.message = message
        """What was wrong, and what to do."""


@dataclass(frozen=True)
class Head:
    """What recognition sees of a file."""

    data: bytes
    """Its first bytes, at most `HEAD_BYTES`; of a gzip stream those of what is in it, see ``encoding``."""
    size: int
    """Of the whole file as stored."""
    members: tuple[str, ...] = ()
    """Names in a ZIP archive's directory, by which office files are told from archives."""
    encoding: Literal["gzip"] | None = None
    whole: bool = False
    """Whether ``data`` is all that there is."""


HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Input:
    """A file to be processed."""

    path: Path
    """Its content, on local disk."""
    name: str
    """Its key, as people see it: it may contain anything, and must not become a path."""
    kind: str
    size: int
    depth: int = 0
    """Archives that it lies within."""


@dataclass(frozen=True)
class Product:
    """A file that a processor wrote; ``name`` is its place below the generation's prefix, by ``/``."""

    name: str
    path: Path
    content_type: str


@dataclass(frozen=True)
class Unpacked:
    """A member of an archive that was written to local disk."""

    path: Path
    name: str
    """As the archive has it, made safe: relative, without ``..``, unique."""


@dataclass(frozen=True)
class Measurement:
    """One metric of one period, see ``lambdas/common/tables/metrics``."""

    metric: str
    dimension: str
    start: int
    """Unix seconds at which the period starts."""
    value: Aggregate


@dataclass(frozen=True)
class Job:
    """Transcoding that takes longer than a function may: what is left to MediaConvert."""

    heights: Mapping[str, int]
    """Lines of each rendition by its name."""
    seconds: float
    width: int
    height: int
    rotation: int
    """Degrees clockwise by which frames are turned to be shown: 0, 90, 180, 270."""
    has_video: bool
    has_audio: bool
    is_hdr: bool = False


@dataclass(frozen=True)
class Processed:
    """What came of a file. Equal input gives equal bytes, names and facts, whenever it is processed again."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    products: tuple[Product, ...] = ()
    quarantined: tuple[Product, ...] = ()
    """To the quarantine bucket: what was bad in a file that was good as a whole, with reasons."""
    bad_rows: int = 0
    members: tuple[Unpacked, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    job: Job | None = None


Process = Callable[[Input, Path, Limits], Processed]
"""Reads the file, writes products into the (empty) directory. Raises Rejected; whatever else it raises is retried."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: how it is recognised, and what is made of it. ``kinds/<name>.py`` declares it as ``KIND``.

    Recognition runs without the packages of the lane, so ``process`` imports what it needs when it is called.
    """

    name: str
    media_type: str | Callable[[Head], str]
    """Of every file of the kind, or what tells it from the content; see `recognition.Recognized`."""
    claims: Callable[[Head], bool]
    """Whether a file is of this kind, by its content alone."""
    order: int
    """Kinds are asked from low to high and the first that claims a file gets it: 10 for kinds with a signature, 50 for
    text kinds with a grammar, 90 for whatever text remains."""
    lane: Lane | None = None
    """None: it is catalogued, and no more."""
    process: Process | None = None
    """Every kind with a lane has one."""
    gzipped: bool = False
    """Whether it is asked about files in gzip streams, too; its processor is then given the stream as it is stored."""
