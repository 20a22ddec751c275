"""Staged rows into sorted Parquet, by DuckDB."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lambdas.table_etl.contract import LAKE_KEY, LAKE_VERSION
from lambdas.table_etl.domain.columns import Column
from lambdas.table_etl.domain.pipeline import Flow
from lambdas.table_etl.ports import DayFiles, MergeError

_STAGE = """
CREATE TEMP TABLE arrived AS
FROM read_json(?, format = 'newline_delimited', compression = 'gzip', columns = ?);
"""
# A row is found by its place: it would take more memory to carry rows through the grouping.
_LATEST = """
CREATE TEMP TABLE staged AS
FROM arrived WHERE rowid IN (SELECT arg_max(rowid, version) FROM arrived GROUP BY key);
DROP TABLE arrived;
"""
_NEWER = """
CREATE OR REPLACE TEMP TABLE newer AS
FROM staged WHERE day = ? AND version > coalesce(
    (SELECT max(version) FROM (
        SELECT source_key AS key, source_version AS version FROM before_rows
        UNION ALL SELECT source_key, source_version FROM before_tombstones
    ) AS present WHERE present.key = staged.key), '');
"""
_ROWS = """
FROM before_rows ANTI JOIN newer ON before_rows.source_key = newer.key
UNION ALL SELECT newer.key, newer.version, {columns} FROM newer WHERE "row" IS NOT NULL
ORDER BY {order}
"""
_TOMBSTONES = """
FROM before_tombstones ANTI JOIN newer ON before_tombstones.source_key = newer.key
UNION ALL SELECT key, version FROM newer WHERE "row" IS NULL
ORDER BY source_key
"""
_VERSIONED = [(LAKE_KEY, "VARCHAR"), (LAKE_VERSION, "VARCHAR")]
"""Columns of a tombstone, and the first ones of a row."""


@dataclass(frozen=True)
class DuckMerger:
    """The `Merger` in an in-memory database, which spills into files."""

    max_memory_mb: int

    @contextmanager
    def stage(self, flow: Flow[Any], files: Sequence[Path], directory: Path) -> Iterator[DuckStaged]:
        """A database of its own, gone at the end."""
        with _translated(flow), self._connected(directory) as database:
            row = ", ".join(f"{_name(each.name)} {each.staged}" for each in flow.columns)
            shape = {"key": "VARCHAR", "version": "VARCHAR", "day": "VARCHAR", "row": f"STRUCT({row})"}
            database.execute(_STAGE, [[str(path) for path in files], shape])
            database.execute(_LATEST)
            yield DuckStaged(database, flow)

    @contextmanager
    def _connected(self, directory: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        config: dict[str, Any] = {
            "memory_limit": f"{self.max_memory_mb}MiB",
            "temp_directory": str(directory / "spilled"),
            "threads": _cores(),
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(":memory:", config=config) as database:
            database.execute("SET TimeZone = 'UTC'")
            yield database


@dataclass(frozen=True)
class DuckStaged:
    """The `Staged` in tables of a database."""

    database: duckdb.DuckDBPyConnection
    flow: Flow[Any]

    def days(self) -> Sequence[str]:
        """One query."""
        with _translated(self.flow):
            return [day for (day,) in self.database.execute("SELECT DISTINCT day FROM staged ORDER BY day").fetchall()]

    def merge(self, day: str, before: DayFiles | None, after: DayFiles) -> bool:
        """Reads what was there twice if it is to be replaced: its keys and versions first."""
        own = self.flow.columns
        with _translated(self.flow):
            self._show(
                "before_rows", before.rows if before else None, _VERSIONED + [(each.name, each.duckdb) for each in own]
            )
            self._show("before_tombstones", before.tombstones if before else None, _VERSIONED)
            self.database.execute(_NEWER, [day])
            if self.database.execute("SELECT 1 FROM newer LIMIT 1").fetchone() is None:
                return False
            order = ", ".join(map(_name, [*self.flow.steps.sort_fields, LAKE_KEY]))
            self._write(after.rows, _ROWS.format(columns=", ".join(map(_value, own)), order=order))
            self._write(after.tombstones, _TOMBSTONES)
            return True

    def _show(self, view: str, path: Path | None, wanted: Sequence[tuple[str, str]]) -> None:
        """What an older pipeline wrote, or nothing, in today's columns: new ones are NULL, and old ones disappear."""
        found = self.database.read_parquet(str(path)) if path else self.database.sql("SELECT 1 WHERE false")
        present = set(found.columns)
        found.project(
            ", ".join(
                f"CAST({_name(name) if name in present else 'NULL'} AS {kind}) AS {_name(name)}"
                for name, kind in wanted
            )
        ).create_view(view, replace=True)

    def _write(self, path: Path, query: str) -> None:
        self.database.execute(f"COPY ({query}) TO ? (FORMAT parquet, COMPRESSION zstd)", [str(path)])


def _cores() -> int:
    """That this process may use, where the system tells; DuckDB counts all that there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _value(column: Column) -> str:
    """A column of a staged row in its own type."""
    staged = f'newer."row".{_name(column.name)}'
    return f"from_base64({staged})" if column.base64 else f"CAST({staged} AS {column.duckdb})"


def _name(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


@contextmanager
def _translated(flow: Flow[Any]) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise MergeError(f"{flow.name}: {error}") from error
