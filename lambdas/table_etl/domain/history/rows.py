"""From the lines of a file to rows that can be loaded, and to what is rejected before it is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lambdas.common.lines import KEPT, Line, Overlong
from lambdas.table_etl.contract import FilePosition, Form, Limits, Quarantined, ReasonCode, Task, history_version
from lambdas.table_etl.domain.changes import FileRow
from lambdas.table_etl.domain.history.files import file_id, rejected_file
from lambdas.table_etl.domain.history.lines import lines, unreadable
from lambdas.table_etl.domain.history.records import columns_of, records
from lambdas.table_etl.domain.rejection import Rejected

Row = FileRow | Quarantined

_ENCODER = msgspec.json.Encoder()


def rows(task: Task, chunks: Iterable[bytes], limits: Limits) -> Iterator[Row]:
    """Every row of a file, out of its bytes as stored; a bad one is rejected alone.

    Where the rest of a file cannot be read, the last row rejects all that begins there.
    """
    reader = _Reader(task, limits)
    found = lines(chunks, gzip=task.gzip, limits=limits)
    try:
        yield from reader.csv(found) if task.form is Form.CSV else reader.json(found)
    except Rejected as error:
        yield rejected_file(task, error, reader.row + 1)


class _Reader:
    """Counts the rows of a file as it reads them."""

    def __init__(self, task: Task, limits: Limits) -> None:
        self.row = 0
        """The last one that was read."""
        self._task = task
        self._file_id = file_id(task)
        self._most = limits.max_line_bytes

    def json(self, found: Iterator[Line]) -> Iterator[Row]:
        """A row a line; blank lines count, so that rows are called by the number that an editor shows."""
        for line in found:
            self.row += 1
            if isinstance(line, Overlong):
                yield self._rejected(self._too_long(), line.beginning, complete=False)
            elif line and not line.isspace():
                wrong = unreadable(line)
                yield self._rejected(wrong, line) if wrong else self._good(line)

    def csv(self, found: Iterator[Line]) -> Iterator[Row]:
        """A row for as many lines as its quotes span (RFC 4180), the first of which names the columns."""
        read = records(found, self._most)
        try:
            columns = columns_of(read)
        except Rejected as error:
            yield rejected_file(self._task, error)
            return
        for record in read:
            self.row += 1
            if isinstance(record, Overlong):
                yield self._rejected(self._too_long(), record.beginning, columns, complete=False)
            elif record.wrong:
                yield self._rejected(record.wrong, record.text, columns, complete=record.complete)
            elif record.cells:
                yield self._good(_ENCODER.encode(record.cells), columns)

    def _good(self, payload: bytes, columns: tuple[str, ...] = ()) -> FileRow:
        return FileRow(self._position(), self._task.form, payload, self._version(), columns)

    def _rejected(
        self, wrong: Rejected, payload: bytes, columns: tuple[str, ...] = (), *, complete: bool = True
    ) -> Quarantined:
        return Quarantined(
            reason=wrong.code,
            message=wrong.message,
            position=self._position(),
            form=self._task.form,
            payload=payload,
            complete=complete,
            version=self._version(),
            columns=columns,
        )

    def _position(self) -> FilePosition:
        return FilePosition(self._task.bucket, self._task.key, self._task.version_id, self.row)

    def _version(self) -> str:
        return history_version(self._task.moment, self._file_id, self.row)

    def _too_long(self) -> Rejected:
        return Rejected(
            ReasonCode.TOO_BIG,
            f"the line has more than {self._most} bytes, of which the first {KEPT} are here: split it up, or raise "
            f"max_line_bytes",
        )
