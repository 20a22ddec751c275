"""JSON: the objects of a list are rows, and so is an object that is alone; good ones become lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from lambdas.common.lines import Overlong
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input, Processed, Rejected
from lambdas.file_processing.domain.rows import text
from lambdas.file_processing.domain.rows.checks import by_columns, check_objects, proof
from lambdas.file_processing.domain.rows.elements import Element, Elements
from lambdas.file_processing.domain.rows.json_lines import MEDIA_TYPE, PRODUCT
from lambdas.file_processing.domain.rows.ledger import Ledger
from lambdas.file_processing.domain.rows.objects import Objects, ObjectsFile
from lambdas.file_processing.domain.rows.problems import problem
from lambdas.file_processing.domain.rows.specs import Named, shipped, spec_of


def _normal(raw: bytes) -> bytes:
    """Without white space; numbers and strings are written as they were."""
    return msgspec.json.format(raw, indent=-1)


def process(source: Input, output: Path, limits: Limits) -> Processed:
    """Checks a file against the spec of its prefix; see `validate`."""
    return validate(source, output, limits, spec_of(source.name, shipped()))


def validate(source: Input, output: Path, limits: Limits, named: Named | None) -> Processed:
    """Good rows to `PRODUCT`, bad ones to quarantine.

    Raises Rejected for what is neither list nor object, for an object that is damaged or longer than a row may be, and
    for a damaged list of which nothing can be read. Of other damaged lists the last bad row is what is left of them.
    """
    most = limits.rows.max_row_bytes
    objects = Objects(check_objects(named), most, exact=by_columns(named), proof=proof(named))
    encoding = text.encoding_of(source.path)
    pieces = text.blocks(source.path, encoding)
    first, line = _first(pieces)
    with Ledger(source, output, PRODUCT, MEDIA_TYPE) as ledger, ledger.product.open("wb") as product:
        file = ObjectsFile(product, ledger, objects, _normal)
        if first.startswith(b"["):
            elements = Elements(first[1:], pieces, line, most)
            for batch in _batches(elements):
                file.add([each.text for each in batch], [each.line for each in batch])
            whole = _end(elements, ledger)
        elif first.startswith(b"{"):
            file.add([_object(first, pieces, most)], [line])
            whole = objects.readable > 0
        else:
            raise Rejected("not_rows", "the file is neither a list of objects nor an object")
    if not whole and not objects.readable:
        raise Rejected("malformed_json", "nothing of the file can be read as JSON: write it again")
    return ledger.processed(objects.columns, named, encoding=encoding.told, complete=whole)


def _first(pieces: Iterator[bytes]) -> tuple[bytes, int]:
    """The first piece that is not blank, and the line at which it begins."""
    line = 1
    for piece in pieces:
        stripped = piece.lstrip()
        line += piece.count(b"\n") - stripped.count(b"\n")
        if stripped:
            return stripped, line
    return b"", line


def _object(first: bytes, pieces: Iterator[bytes], most: int) -> bytes:
    found = first
    while len(found) <= most and (piece := next(pieces, b"")):
        found += piece
    found = found.rstrip()
    if len(found) > most:
        raise Rejected(
            "row_too_long",
            f"the object has more than {most} bytes: make a list of it, or raise limits.rows.max_row_bytes",
        )
    return found


def _batches(elements: Elements) -> Iterator[list[Element]]:
    """As many elements at a time as a block may hold."""
    batch: list[Element] = []
    size = 0
    for element in elements:
        batch.append(element)
        size += len(element.text.beginning if isinstance(element.text, Overlong) else element.text) + 1
        if size > text.BLOCK:
            yield batch
            batch, size = [], 0
    yield batch


def _end(elements: Elements, ledger: Ledger) -> bool:
    """Whether a list ends as it should; what is behind it is one bad row."""
    left = elements.trailing() if elements.closed else None
    if left is not None:
        ledger.bad([problem("", "trailing_data", "is behind the end of the list")], left.text, left.line)
    return elements.closed and left is None
