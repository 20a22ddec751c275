"""``redrive`` of a log analysis stack: the function gets the deliveries that it failed on, whole.

It knows which of their log events it has counted before, for longer than the queue keeps a delivery: a run can be
killed and repeated, and no error counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.failed import FailedWork, Summary, invoked_again
from tools.letters import Letter
from tools.log_analysis import LogAnalysis
from tools.pace import Pace
from tools.redrive import Wanted

DELIVERY_FAILED = "delivery_failed"
"""Reason of deliveries that the function did not get done with."""


@dataclass
class RedriveLogAnalysis:
    """One run."""

    analysis: LogAnalysis
    wanted: Wanted
    dry_run: bool = False
    pace: Pace | None = None
    """Of deliveries."""
    summary: Summary = field(default_factory=Summary)

    def run(self) -> Summary:
        """Redrives, and says what became of what. Raises what boto3 raises: run it again; what is done is done."""
        failed = FailedWork(self.analysis.sqs, self.wanted, self.summary, self.dry_run)
        failed.handle(self.analysis.failure_queue, DELIVERY_FAILED, self._deliver)
        return self.summary

    def _deliver(self, letter: Letter) -> str | None:
        if self.pace:
            self.pace.take(1)
        analysis = self.analysis
        return invoked_again(analysis.functions, analysis.analyzer_function, analysis.failure_queue)(letter)
