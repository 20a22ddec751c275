"""JSON Lines: good rows stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lambdas.common.lines import Overlong
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input, Processed, Rejected
from lambdas.file_processing.domain.rows import text
from lambdas.file_processing.domain.rows.checks import by_columns, check_objects, proof
from lambdas.file_processing.domain.rows.ledger import Ledger
from lambdas.file_processing.domain.rows.objects import Objects, ObjectsFile
from lambdas.file_processing.domain.rows.specs import Named, shipped, spec_of

PRODUCT = "valid/rows.jsonl"
MEDIA_TYPE = "application/jsonl"


def process(source: Input, output: Path, limits: Limits) -> Processed:
    """Checks a file against the spec of its prefix; see `validate`."""
    return validate(source, output, limits, spec_of(source.name, shipped()))


def validate(source: Input, output: Path, limits: Limits, named: Named | None) -> Processed:
    """Good rows to `PRODUCT`, bad ones to quarantine; blank lines are no rows. Raises Rejected if no line is JSON."""
    most = limits.rows.max_row_bytes
    objects = Objects(check_objects(named), most, exact=by_columns(named), proof=proof(named))
    encoding = text.encoding_of(source.path)
    first = 1
    with Ledger(source, output, PRODUCT, MEDIA_TYPE) as ledger, ledger.product.open("wb") as product:
        file = ObjectsFile(product, ledger, objects)
        for batch in text.batches(text.blocks(source.path, encoding), most):
            rows = [line if isinstance(line, Overlong) else line.strip() for line in batch]
            lines: Sequence[int] = range(first, first + len(rows))
            if b"" in rows:
                lines = [line for line, row in zip(lines, rows, strict=True) if row]
                rows = [row for row in rows if row]
            file.add(rows, lines)
            first += len(batch)
    if not objects.readable:
        raise Rejected("not_json_lines", "no line of the file is JSON: each is to hold one object")
    return ledger.processed(objects.columns, named, encoding=encoding.told)
