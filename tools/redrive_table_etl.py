"""``redrive`` of a table ETL stack: loads what was rejected or given up, after what was wrong is put right.

- Lines in quarantine, and batches that the event source gave up, go to the Load function, which answers where it has
  put what it rejected again. An object is deleted when all of it was taken, or stands in another object.
- Tasks that failed go back into their queue, and announcements of files to the Plan function.

Rows carry versions, so that one that is loaded twice, or late, changes nothing: a run can be killed and repeated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from lambdas.table_etl.contract import QUARANTINE_PREFIX, Quarantined, Redrive
from tools import functions, stack
from tools.failed import FailedWork, Summary, invoked_again
from tools.functions import FunctionFailedError
from tools.letters import Letter
from tools.pace import Pace
from tools.quarantined import chunks, lines_of, remedy_for
from tools.redrive import Wanted
from tools.rejects import DISCARDED, FAILURE_PREFIX
from tools.table_etl import TableEtl

TASK_FAILED = "task_failed"
"""Reason of files that the Backfill function did not get done with."""
PLAN_FAILED = "plan_failed"
"""Reason of announcements of files that the Plan function did not get done with."""


@dataclass
class RedriveTableEtl:
    """One run."""

    etl: TableEtl
    wanted: Wanted
    dry_run: bool = False
    pace: Pace | None = None
    """Of rows."""
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell
    summary: Summary = field(default_factory=Summary)

    def run(self) -> Summary:
        """Redrives, and says what became of what. Raises what boto3 raises: run it again; what is done is done."""
        for key in self._each(self.etl.quarantine_bucket, QUARANTINE_PREFIX, "quarantine"):
            self._quarantine(key)
        if self.wanted.reason(DISCARDED):
            for key in self._each(self.etl.failure_bucket, FAILURE_PREFIX, "failure objects"):
                self._discarded(key)
        plan_failures = self.etl.plan_failure_queue
        failed = FailedWork(self.etl.sqs, self.wanted, self.summary, self.dry_run)
        failed.handle(
            plan_failures, PLAN_FAILED, invoked_again(self.etl.functions, self.etl.plan_function, plan_failures)
        )
        failed.handle(self.etl.dead_letter_queue, TASK_FAILED, self._task)
        return self.summary

    def _each(self, bucket: str, prefix: str, what: str) -> Iterator[str]:
        """Keys of the objects of the days that are asked for."""
        keys = [key for key in stack.keys(self.etl.s3, bucket, prefix) if self._of_days(key)]
        for number, key in enumerate(keys):
            self.tell(what, number, len(keys))
            yield key
        self.tell(what, len(keys), len(keys))

    def _of_days(self, key: str) -> bool:
        found = re.search(r"(\d{4})[-/](\d\d)[-/](\d\d)/", key)
        return found is None or self.wanted.day(date(*map(int, found.groups())))

    # --- quarantine -------------------------------------------------------------------------------------------------

    def _quarantine(self, key: str) -> None:
        uri = f"s3://{self.etl.quarantine_bucket}/{key}"
        try:
            lines = lines_of(stack.read(self.etl.s3, self.etl.quarantine_bucket, key))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._tell(f"{uri} is no quarantine of rows: {error}. Move it elsewhere, or handle it by hand.")
            return
        wanted = [line for line in lines if self.wanted.reason(line.reason)]
        self.summary.found.update(line.reason for line in wanted)
        sendable = []
        for line in wanted:
            if remedy := remedy_for(line, uri):
                self.summary.leave([line.reason], remedy)
            else:
                sendable.append(line)
        answers = [self._load(chunk, uri) for chunk in chunks(sendable)]
        done = len(sendable) == len(lines) and all(answer.done for answer in answers)
        if done and not self.dry_run and key not in {answer.quarantined for answer in answers}:
            self.etl.s3.delete_object(Bucket=self.etl.quarantine_bucket, Key=key)

    def _load(self, lines: Sequence[Quarantined], uri: str) -> _Answer:
        return self._invoke_load(
            msgspec.json.encode(Redrive(redrive=list(lines))), [line.reason for line in lines], uri
        )

    # --- failure objects --------------------------------------------------------------------------------------------

    def _discarded(self, key: str) -> None:
        uri = f"s3://{self.etl.failure_bucket}/{key}"
        body = stack.read(self.etl.s3, self.etl.failure_bucket, key)
        try:
            payload = json.loads(body)["payload"]
            records = len(json.loads(payload)["Records"])
        except (ValueError, KeyError, TypeError) as error:
            self._tell(
                f"{uri} is not what Lambda writes of discarded changes: {error!r}. Move it elsewhere, or handle it by "
                f"hand."
            )
            return
        reasons = [DISCARDED] * records
        self.summary.found.update(reasons)
        if self._invoke_load(payload.encode(), reasons, uri).done and not self.dry_run:
            self.etl.s3.delete_object(Bucket=self.etl.failure_bucket, Key=key)

    # --- both -------------------------------------------------------------------------------------------------------

    def _invoke_load(self, event: bytes, reasons: Sequence[str], uri: str) -> _Answer:
        """Loads rows, and tells of those that were not taken."""
        if self.dry_run:
            self.summary.sent.update(reasons)
            return _Answer(done=True)
        if self.pace:
            self.pace.take(len(reasons))
        try:
            said = functions.invoke(self.etl.functions, self.etl.load_function, event)
        except FunctionFailedError as error:
            self.summary.leave(reasons, f"{uri}: {error}. Its log has more; put it right and run this again.")
            return _Answer(done=False)
        if said.get("batchItemFailures"):
            self.summary.leave(reasons, f"{uri}: {self.etl.load_function} could not load it now. Its log says why.")
            return _Answer(done=False)
        self.summary.sent.update(reasons)
        if said["quarantined"]:
            self._rejected(said["quarantined"])
        return _Answer(done=True, quarantined=said["quarantined"])

    def _rejected(self, key: str) -> None:
        lines = lines_of(stack.read(self.etl.s3, self.etl.quarantine_bucket, key))
        self.summary.rejected.update(line.reason for line in lines)
        self._tell(
            f"s3://{self.etl.quarantine_bucket}/{key}: {len(lines)} rejected, the first for {lines[0].reason}: "
            f"{lines[0].message}. Correct the pipeline, deploy it, and run this again; or delete the object."
        )

    def _tell(self, remedy: str) -> None:
        self.summary.remedies.append(remedy)

    def _task(self, letter: Letter) -> str | None:
        self.etl.sqs.send_message(QueueUrl=self.etl.tasks_queue, MessageBody=letter.body)
        return None


@dataclass(frozen=True)
class _Answer:
    """Of the Load function."""

    done: bool
    quarantined: str | None = None
