"""Queues of what failed for good: each message is handled again, and deleted only then."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools import functions
from tools.functions import FunctionFailedError
from tools.letters import Letter, Letters
from tools.redrive import Wanted

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient


@dataclass
class Summary:
    """What a run found, each by reason."""

    found: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    """Or to be sent, in a dry run."""
    rejected: Counter[str] = field(default_factory=Counter)
    """By the new reason."""
    in_flight: Counter[str] = field(default_factory=Counter)
    """Messages that somebody else had received when the run began."""
    left: Counter[str] = field(default_factory=Counter)
    remedies: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.remedies and not self.in_flight.total()

    def leave(self, reasons: Sequence[str], remedy: str) -> None:
        """Tells of what could not be sent."""
        self.left.update(reasons)
        self.remedies.append(remedy)


@dataclass(frozen=True)
class FailedWork:
    """The messages of such queues that a run is about."""

    sqs: SQSClient
    wanted: Wanted
    summary: Summary
    dry_run: bool

    def handle(self, queue: str, reason: str, handle: Callable[[Letter], str | None]) -> None:
        """Handles the messages of a queue; ``handle`` says what is to be done about one that stays."""
        if not self.wanted.reason(reason):
            return
        letters = Letters(self.sqs, queue)
        self.summary.in_flight[reason] += letters.in_flight()
        kept = []
        for letter in letters.each():
            if not self.wanted.arrived(letter.sent):
                kept.append(letter)
                continue
            self.summary.found[reason] += 1
            remedy = None if self.dry_run else handle(letter)
            if remedy:
                self.summary.leave([reason], remedy)
            else:
                self.summary.sent[reason] += 1
            if remedy or self.dry_run:
                kept.append(letter)
            else:
                letters.delete(letter)
        for letter in kept:
            letters.give_back(letter)


def invoked_again(client: LambdaClient, function: str, queue: str) -> Callable[[Letter], str | None]:
    """Handles an asynchronous invocation's record: its function gets the whole event that it failed on.

    The record is as in "Capturing records of Lambda asynchronous invocations", AWS Lambda Developer Guide.
    """

    def handle(letter: Letter) -> str | None:
        what = f"Message {letter.id} in {queue}"
        try:
            event = json.dumps(json.loads(letter.body)["requestPayload"]).encode()
        except (ValueError, KeyError, TypeError) as error:
            return f"{what} is no record of a failed invocation: {error!r}. Delete it, or handle it by hand."
        try:
            functions.invoke(client, function, event)
        except FunctionFailedError as error:
            return f"{what}: {error}. Its log has more; put it right and run this again."
        return None

    return handle
