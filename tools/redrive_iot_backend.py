"""``redrive`` of an IoT backend: takes again what was rejected or given up, after what was wrong is put right.

- Telemetry in quarantine goes to the Telemetry function, which answers where it has put what it rejected again. An
  object is deleted when all of it was taken, or stands in another object.
- Events that a function did not get done with go to it again. A press is by now too old to change anything: the history
  gets an entry, and the queue is empty.
- Steps that no schedule could have taken are taken by a look at the target, as the regular schedule does.

A message that comes again, or late, never replaces a later state; a decision is made once. So a run can be killed and
repeated. Presses that nobody can read stay in quarantine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import msgspec

from lambdas.iot_backend.contract.messages import QUARANTINE_PREFIX, Quarantined, ReasonCode
from tools import functions, stack
from tools.failed import FailedWork, Summary, invoked_again
from tools.functions import FunctionFailedError
from tools.iot_backend import IotBackend
from tools.letters import Letter
from tools.pace import Pace
from tools.redrive import Wanted

TELEMETRY_FAILED = "telemetry_failed"
PRESS_FAILED = "press_failed"
ADVANCE_FAILED = "advance_failed"
"""Reasons of events that the function of this name did not get done with."""
STEP_UNDELIVERED = "step_undelivered"
"""Reason of steps for which a schedule could not invoke the Advance function."""
REASONS = (
    *(each for each in ReasonCode if each is not ReasonCode.MALFORMED_PRESS),
    TELEMETRY_FAILED,
    PRESS_FAILED,
    ADVANCE_FAILED,
    STEP_UNDELIVERED,
)

_QUARANTINED = msgspec.json.Decoder(Quarantined)


@dataclass
class RedriveIotBackend:
    """One run."""

    backend: IotBackend
    wanted: Wanted
    dry_run: bool = False
    pace: Pace | None = None
    """Of messages in quarantine."""
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell
    summary: Summary = field(default_factory=Summary)

    def run(self) -> Summary:
        """Redrives, and says what became of what. Raises what boto3 raises: run it again; what is done is done."""
        backend = self.backend
        for key in self._keys():
            self._quarantine(key)
        failed = FailedWork(backend.sqs, self.wanted, self.summary, self.dry_run)
        for reason, queue, function in (
            (TELEMETRY_FAILED, backend.telemetry_failures, backend.telemetry_function),
            (PRESS_FAILED, backend.press_failures, backend.press_function),
            (ADVANCE_FAILED, backend.advance_failures, backend.advance_function),
        ):
            failed.handle(queue, reason, invoked_again(backend.functions, function, queue))
        failed.handle(backend.undelivered_steps, STEP_UNDELIVERED, self._step)
        return self.summary

    def _keys(self) -> Iterator[str]:
        """Of the objects of the days that are asked for."""
        found = stack.keys(self.backend.s3, self.backend.quarantine_bucket, QUARANTINE_PREFIX)
        keys = [key for key in found if self.wanted.day(_day(key))]
        for number, key in enumerate(keys):
            self.tell("quarantine", number, len(keys))
            yield key
        self.tell("quarantine", len(keys), len(keys))

    def _quarantine(self, key: str) -> None:
        """An object holds one line for each message; what is left of it stays whole."""
        backend, uri = self.backend, f"s3://{self.backend.quarantine_bucket}/{key}"
        try:
            body = stack.read(backend.s3, backend.quarantine_bucket, key)
            lines = [_QUARANTINED.decode(line) for line in body.splitlines()]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.summary.remedies.append(
                f"{uri} is no quarantine of messages: {error}. Move it elsewhere, or handle it by hand."
            )
            return
        taken = [self._take(line, uri) for line in lines if self._is_wanted(line)]
        if not self.dry_run and len(taken) == len(lines) and not {None, key}.intersection(taken):
            backend.s3.delete_object(Bucket=backend.quarantine_bucket, Key=key)

    def _is_wanted(self, line: Quarantined) -> bool:
        return (
            line.reason in REASONS
            and self.wanted.reason(line.reason)
            and self.wanted.arrived(line.where.received_at / 1000)
        )

    def _take(self, line: Quarantined, uri: str) -> str | None:
        """Where a message is now: empty where it was taken; None if it was not sent."""
        self.summary.found[line.reason] += 1
        if self.dry_run:
            self.summary.sent[line.reason] += 1
            return None
        if self.pace:
            self.pace.take(1)
        backend = self.backend
        try:
            said = functions.invoke(backend.functions, backend.telemetry_function, msgspec.json.encode(line.where))
        except FunctionFailedError as error:
            self.summary.leave([line.reason], f"{uri}: {error}. Its log has more; put it right and run this again.")
            return None
        self.summary.sent[line.reason] += 1
        if said["quarantined"]:
            self.summary.rejected[said["reason"]] += 1
        return said["quarantined"] or ""

    def _step(self, letter: Letter) -> str | None:
        """The Advance function does whatever is due, and is told why it is invoked for its log alone."""
        try:
            event = json.dumps(json.loads(letter.body)).encode()
        except ValueError as error:
            return f"Message {letter.id} in {self.backend.undelivered_steps} is no step: {error}. Delete it."
        try:
            functions.invoke(self.backend.functions, self.backend.advance_function, event)
        except FunctionFailedError as error:
            return f"Message {letter.id}: {error}. Its log has more; put it right and run this again."
        return None


def _day(key: str) -> date:
    """Of a key as `quarantine_prefix` makes them."""
    return date.fromisoformat(key.removeprefix(f"{QUARANTINE_PREFIX}date=")[:10])
