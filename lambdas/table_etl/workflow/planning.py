"""From dropped objects to tasks: which files there are to be loaded."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.table_etl.contract import ReasonCode, Task
from lambdas.table_etl.domain.history import manifests
from lambdas.table_etl.domain.history.files import Dropped, is_export, is_nothing, rejected_file, task
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.ports import FileGoneError, Files, Quarantine, Tasks


@dataclass(frozen=True)
class Plan:
    """What became of a dropped object."""

    tasks: int
    rejected: bool
    """Whether it went to quarantine, by name."""


@dataclass(frozen=True)
class Planner:
    """Asks for every file to be loaded. All that it does can be done again: rows that come twice change nothing."""

    files: Files
    tasks: Tasks
    quarantine: Quarantine

    def plan(self, file: Dropped) -> Plan:
        """Sends the tasks of a file, or of all files of an export. Raises UnavailableError."""
        try:
            tasks = self._tasks(file)
        except Rejected as error:
            self.quarantine.keep([rejected_file(file, error)], file.moment.date())
            return Plan(0, rejected=True)
        if tasks:
            self.tasks.send(tasks)
        return Plan(len(tasks), rejected=False)

    def _tasks(self, file: Dropped) -> list[Task]:
        if is_nothing(file):
            return []
        if not is_export(file.key):
            return [task(file)]
        export = manifests.export(file, self._content(file, file.key, file.version_id))
        return manifests.tasks(file, export, self._content(file, export.listing, None))

    def _content(self, file: Dropped, key: str, version_id: str | None) -> bytes:
        try:
            return self.files.small(file.bucket, key, version_id, manifests.MOST_BYTES)
        except FileGoneError as error:
            raise Rejected(
                ReasonCode.FILE_GONE, f"{key} is not there (any more): drop it, and then {file.key} again"
            ) from error
