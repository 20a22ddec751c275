"""Parquet: a file whose rows are all good stays itself; of others, good rows stay Parquet, with the same columns.

Rows are checked as objects of JSON, see `_shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from lambdas.common.lines import KEPT, Line, Overlong
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input, Processed, Rejected
from lambdas.file_processing.domain.rows.checks import by_columns, check_objects
from lambdas.file_processing.domain.rows.ledger import Ledger
from lambdas.file_processing.domain.rows.objects import Objects
from lambdas.file_processing.domain.rows.problems import CheckObjects, Found, quoted
from lambdas.file_processing.domain.rows.specs import Named, shipped, spec_of

PRODUCT = "valid/rows.parquet"
MEDIA_TYPE = "application/vnd.apache.parquet"
MEMORY = "512MiB"
"""Of the database; beyond, it spills into files, and pages that do not fit are refused."""
_GROUP_BYTES = 64 * 1024 * 1024
"""Of a row group that is written, which the writer holds in memory."""
_GROUP_ROWS = range(2_048, 122_880)
_CHECKED_BYTES = 4 * 1024 * 1024
"""Of rows that are checked at a time."""
_CHECKED_ROWS = range(1, 2_000)
_WHOLE = "read_parquet(?, hive_partitioning = false)"


def process(source: Input, output: Path, limits: Limits) -> Processed:
    """Checks a file against the spec of its prefix; see `validate`."""
    return validate(source, output, limits, spec_of(source.name, shipped()))


def validate(source: Input, output: Path, limits: Limits, named: Named | None) -> Processed:
    """Good rows to `PRODUCT`, bad ones to quarantine.

    Raises Rejected for a file that is damaged anywhere: its pages are compressed, so that nobody can tell how much of
    it is left. Also for columns that DuckDB would change, see `_Changed`, where a row is checked, or has to go.
    """
    path, most = str(source.path), limits.rows.max_row_bytes
    with _connected(output / "spilled") as database, Ledger(source, output, PRODUCT, MEDIA_TYPE) as ledger:
        file = _File(database, path, ledger.product)
        with _translated(path):
            columns = file.columns()
            if len(columns) > limits.rows.max_columns:
                raise Rejected("too_many_columns", f"it has {len(columns)} columns; {limits.rows.max_columns} are read")
            check = check_objects(named)
            if check is None:
                ledger.valid(file.rows())
            else:
                changed = file.changed(columns)
                _refuse(changed.read, "the rows cannot be checked")
                _judge(file, columns, Objects(_without_nulls(check), most, exact=by_columns(named)), most, ledger)
                if ledger.rejected:
                    _refuse(changed.written, "some rows are bad, and the others cannot be written as they are")
                    file.copy(_GOOD)
    if not ledger.rejected:
        ledger.unchanged()
    return ledger.processed(list(columns), named)


_GOOD = f"SELECT data.* FROM {_WHOLE} AS data POSITIONAL JOIN verdicts WHERE verdicts.fine"  # noqa: S608
"""A positional join reads both sides in order, row by row, and keeps neither."""
_ALL_VALUES = f"SELECT count(*), bit_xor(hash(*COLUMNS(*))) FROM {_WHOLE}"  # noqa: S608
_ROW_BYTES = """
SELECT (SELECT sum(total_uncompressed_size) FROM parquet_metadata(?)) // nullif(sum(num_rows), 0)
FROM parquet_file_metadata(?)
"""
_SCHEMA = "SELECT name, type, coalesce(num_children, 0), coalesce(precision, 0) FROM parquet_schema(?)"
_MOST_DIGITS = 38
"""Of DuckDB's decimals."""
_MOST_TOLD = 10
"""Columns in a message."""


class _Changed(NamedTuple):
    """Columns that are not what they were, and why."""

    read: list[str]
    """Whose names or values DuckDB changes on reading."""
    written: list[str]
    """Whose values are cut to microseconds, which no check sees, but a product would have."""


@dataclass(frozen=True)
class _File:
    """A Parquet file, and a database to read it with."""

    database: duckdb.DuckDBPyConnection
    path: str
    target: Path

    def columns(self) -> dict[str, str]:
        """DuckDB's types by name."""
        described = self.database.execute(f"DESCRIBE FROM {_WHOLE}", [self.path]).fetchall()
        return {str(name): str(kind) for name, kind, *_ in described}

    def rows_within(self, size: int, allowed: range) -> int:
        """How many rows have so many bytes, if all are as long."""
        ((row_bytes,),) = self.database.execute(_ROW_BYTES, [self.path, self.path]).fetchall()
        return max(allowed.start, min(allowed.stop, size // max(1, int(row_bytes or 0))))

    def changed(self, columns: Iterable[str]) -> _Changed:
        """By the file's own schema, a tree in preorder: names that differ in case alone, or are empty, are made up."""
        (_, _, count, _), *nodes = self.database.execute(_SCHEMA, [self.path]).fetchall()
        changed = _Changed([], [])
        shown = iter(columns)
        open_groups: list[tuple[str | None, set[str]]] = [(None, set())] * count
        for name, kind, children, digits in nodes:
            within, siblings = open_groups.pop()
            column = name if within is None else within
            if (name != next(shown)) if within is None else (not name or name.lower() in siblings):
                changed.read.append(f"{quoted(column)} (a name that is empty, or differs from another's in case alone)")
            if digits > _MOST_DIGITS:
                changed.read.append(f"{quoted(column)} (decimals of {digits} digits, and {_MOST_DIGITS} are read)")
            if kind == "INT96":
                changed.written.append(f"{quoted(column)} (timestamps of the deprecated type INT96)")
            siblings.add(name.lower())
            group: tuple[str | None, set[str]] = (column, set())
            open_groups += [group] * children
        return changed

    def rows(self) -> int:
        """How many there are; every value is read, so that damage is found."""
        ((rows, _),) = self.database.execute(_ALL_VALUES, [self.path]).fetchall()
        return int(rows)

    def copy(self, query: str) -> None:
        """Writes a query's rows."""
        rows = self.rows_within(_GROUP_BYTES, _GROUP_ROWS)
        how = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows}"
        self.database.execute(f"COPY ({query}) TO {_text(str(self.target))} ({how})", [self.path])


def _refuse(columns: list[str], why: str) -> None:
    if columns:
        more = f" and {len(columns) - _MOST_TOLD} more" if len(columns) > _MOST_TOLD else ""
        raise Rejected(
            "unsupported_columns",
            f"{why}, because of the columns {', '.join(columns[:_MOST_TOLD])}{more}: write the file with other names, "
            f"decimals of at most {_MOST_DIGITS} digits, and timestamps of type INT64",
        )


def _judge(file: _File, columns: dict[str, str], objects: Objects, most: int, ledger: Ledger) -> None:
    """Checks every row, and notes of each in the table of verdicts whether it is fine."""
    file.database.execute("CREATE TABLE verdicts (fine BOOLEAN)")
    at_once = file.rows_within(_CHECKED_BYTES, _CHECKED_ROWS)
    shown = ", ".join(f"{_text(name)}: {_shown(_name(name), kind)}" for name, kind in columns.items())
    reader = file.database.cursor().execute(f"SELECT to_json({{{shown}}}) FROM {_WHOLE}", [file.path])  # noqa: S608
    while fetched := reader.fetchmany(at_once):
        raws = [str(row).encode() for (row,) in fetched]
        rows: list[Line] = [raw if len(raw) <= most else Overlong(raw[:KEPT]) for raw in raws]
        found = objects.found(rows)
        ledger.settle(found, rows)
        if found:
            fine = [place not in found for place in range(len(rows))]
            file.database.execute("INSERT INTO verdicts SELECT unnest(?::BOOLEAN[])", [fine])
        else:
            file.database.execute("INSERT INTO verdicts SELECT true FROM range(?)", [len(rows)])


def _without_nulls(check: CheckObjects) -> CheckObjects:
    """Parquet has a null where a row has no value: it is absent, as an empty cell of CSV is."""

    def checked(rows: Sequence[dict[str, Any]]) -> Found:
        return check([{name: value for name, value in row.items() if value is not None} for row in rows])

    return checked


def _shown(column: str, kind: str) -> str:
    """A column as JSON has it: decimals with all their digits, timestamps in ISO 8601, and what JSON knows no number
    for as text, such as ``nan``.

    Within lists and objects DuckDB drops zeros at the end of decimals, and has timestamps with a space for the T.
    """
    match kind.partition("("):
        case ("DOUBLE" | "FLOAT", _, _):
            return f"CASE WHEN isfinite({column}) THEN to_json({column}) ELSE to_json({column}::VARCHAR) END"
        case ("DECIMAL", _, size) if not size.endswith("[]"):
            return f"{column}::DECIMAL(38, {size.rpartition(',')[2]}"  # narrow ones are written as floats
        case ("TIMESTAMP WITH TIME ZONE" | "TIMESTAMPTZ_NS", _, _):
            return f"replace(replace({column}::VARCHAR, ' ', 'T'), '+00', 'Z')"
        case (name, _, _) if name.startswith("TIMESTAMP") and not name.endswith("[]"):
            return f"replace({column}::VARCHAR, ' ', 'T')"
        case _:
            return column


def _name(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _text(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


@contextmanager
def _connected(directory: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, Any] = {
        "memory_limit": MEMORY,
        "temp_directory": str(directory),
        "threads": 1,  # each one more needs memory for pages of its own
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=config) as database:
        database.execute("SET TimeZone = 'UTC'")
        yield database


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """What DuckDB says of a file is final, but for a disk that is full."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise Rejected(
            "too_large_pages", f"{MEMORY} do not hold its pages: write it with smaller row groups"
        ) from error
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise
        # Without the query, and without a place that is another one each time.
        message = str(error).split("\n", 1)[0].replace(path, "it")[:500]
        raise Rejected("unreadable_parquet", f"the file cannot be read as Parquet: {message}") from error
