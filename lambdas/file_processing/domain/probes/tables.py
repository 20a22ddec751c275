"""CSV by its rows, Parquet by its signature."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from lambdas.file_processing.domain.probes.text import text_of
from lambdas.file_processing.domain.processing import Head

_DELIMITERS = ",;\t|"
_NAME = re.compile(r"[^\W\d]\w*")
_NO_NAME = re.compile(r"[{}<>;=|`\"\\]|[.,!:]$")
"""What column names lack and sentences and programs have; those of surveys end with question marks."""
_QUOTED = {mark: re.compile(rf'"(?:[^"]|"")*"(?:{re.escape(mark)}"(?:[^"]|"")*")+[\r\n]') for mark in _DELIMITERS}
"""A first row with nothing but quoted fields, by their delimiter: programs write those, whatever is in them."""
_CODE = re.compile(r"[(){}\[\]<>;=]")
_MAX_NAME = 64
_FEW, _MANY = 4, 20
"""Rows that are no chance where there are no names, and where there are commas as in sentences."""


def is_parquet(head: Head) -> bool:
    """A Parquet file; encrypted ones begin otherwise."""
    return head.data.startswith(b"PAR1") and head.size >= 12


def is_csv(head: Head) -> bool:
    """Rows of as many fields as there are column names, by one of the usual delimiters; some may be bad."""
    text = text_of(head)
    return text is not None and any(_is_table(text, mark, whole=head.whole) for mark in _DELIMITERS if mark in text)


def _is_table(text: str, delimiter: str, *, whole: bool) -> bool:
    rows = _rows(text, delimiter)
    if not whole:
        rows = rows[:-1]
    rows = [row for row in rows if row]
    if not rows or len(rows[0]) < 2:
        return False
    header, *body = rows
    good = [row for row in body if len(row) == len(header)]
    if not body:
        return whole and len(header) > 2 and len(set(header)) == len(header) and all(map(_NAME.fullmatch, header))
    if not _is_header(header) and not _QUOTED[delimiter].match(text):
        return _is_bare(rows) and len(good) == len(body)
    if _is_indented(body):
        return False
    if _is_spaced(rows[:1]) or _is_spaced(rows):
        return len(good) == len(body) >= (2 if len(header) > 2 else _MANY)
    return len(good) >= (0.5 if len(header) > 2 else 0.8) * len(body)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """None where a field is longer than the library takes."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _is_header(cells: Sequence[str]) -> bool:
    """Different names, the first of them with a letter first; it may be missing, where a program numbers rows."""
    names = [cell.strip() for cell in cells]
    filled = names[1:] if not names[0] else names
    return (
        all(name and len(name) <= _MAX_NAME and not _NO_NAME.search(name) and _is_balanced(name) for name in filled)
        and len(set(names)) == len(names)
        and _NAME.match(filled[0]) is not None
    )


def _is_balanced(name: str) -> bool:
    return all(name.count(left) == name.count(right) for left, right in ("()", "[]"))


def _is_bare(rows: Sequence[Sequence[str]]) -> bool:
    """Whether they look like data without a header: many, of three fields or more, and nothing of a program's."""
    if len(rows) < _FEW or len(rows[0]) < 3 or _is_spaced(rows):
        return False
    return not any(_CODE.search(cell) for row in rows for cell in row)


def _is_indented(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows begin with nothing, or with a space, as lines of programs do."""
    return 2 * sum(not row[0] or row[0][0].isspace() for row in rows) > len(rows)


def _is_spaced(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most fields after the first begin with a space, as the parts of sentences do."""
    later = [cell for row in rows for cell in row[1:]]
    return 2 * sum(cell.startswith(" ") for cell in later) > len(later)
