"""Kinds of files that are told by their first word, and what becomes of each: enough for every path through lanes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lambdas.common.tables.metrics.aggregates import Count
from lambdas.file_processing.contract import TEXT_PRODUCT, Lane
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import (
    Head,
    Input,
    Kind,
    Measurement,
    Processed,
    Product,
    Rejected,
    Unpacked,
)

MAX_BYTES = 1000


def archive(members: Mapping[str, bytes]) -> bytes:
    """Content of an archive."""
    return b"archive:" + json.dumps({name: data.decode() for name, data in members.items()}).encode()


TEXT, OTHER_TEXT = b"text:one", b"text:another"
BAD, ROWS, LOG, IMAGE, TOO_BIG = b"bad:", b"rows:good,bad", b"log:3", b"image:", b"x" * (MAX_BYTES + 1)
ARCHIVE = archive({"one.txt": TEXT, "bad": BAD, "deep.zip": archive({"log": LOG, "image": IMAGE})})
SMALL_ARCHIVE = archive({"one.txt": TEXT})
BAD_ARCHIVE = b"archive:["


def _text(given: Input, output: Path, _: Limits) -> Processed:
    return Processed(facts={"words": 1}, products=(_write(output, TEXT_PRODUCT, given.path.read_bytes()[5:]),))


def _bad(given: Input, _: Path, __: Limits) -> Processed:
    raise Rejected("damaged", f"{given.size} bytes")


def _rows(given: Input, output: Path, _: Limits) -> Processed:
    good, bad = given.path.read_bytes()[5:].split(b",")
    (output / "valid").mkdir()
    valid, rejected = _write(output, "valid/rows.csv", good), _write(output, "rows.jsonl.gz", bad)
    return Processed(products=(valid,), quarantined=(rejected,), bad_rows=1)


def _log(given: Input, _: Path, __: Limits) -> Processed:
    count = int(given.path.read_bytes()[4:])
    return Processed(measurements=tuple(Measurement("requests", "", 60 * at, Count(at + 1)) for at in range(count)))


def _unpack(given: Input, output: Path, _: Limits) -> Processed:
    try:
        members = json.loads(given.path.read_bytes()[8:])
    except ValueError as error:
        raise Rejected("damaged", str(error)) from error
    found = []
    for at, (name, data) in enumerate(members.items()):
        path = output / str(at)
        path.write_text(data)
        found.append(Unpacked(path, name))
    return Processed(facts={"members": len(found)}, members=tuple(found))


def _write(output: Path, name: str, data: bytes) -> Product:
    path = output / name
    path.write_bytes(data)
    return Product(name, path, "text/plain")


def _starts(word: bytes) -> Kind:
    lane, process = _LANES.get(word, (None, None))
    return Kind(
        name=word.decode(),
        media_type=f"test/{word.decode()}",
        claims=lambda head: head.data.startswith(word + b":"),
        order=10,
        lane=lane,
        process=process,
    )


def _anything(_: Head) -> bool:
    return True


_LANES = {
    b"text": (Lane.EXTRACT, _text),
    b"bad": (Lane.EXTRACT, _bad),
    b"rows": (Lane.VALIDATE, _rows),
    b"log": (Lane.MEASURE, _log),
    b"archive": (Lane.UNPACK, _unpack),
}
KINDS = {kind.name: kind for kind in map(_starts, [*_LANES, b"image"])} | {
    "unknown": Kind("unknown", "application/octet-stream", _anything, order=100)
}
