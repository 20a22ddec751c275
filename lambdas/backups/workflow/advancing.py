"""What happens every minute: missed slots are caught up, and everything that is open is advanced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from lambdas.backups.contract import NEWEST, OPEN_RUNS, OPEN_WORK, POLICIES, Policy
from lambdas.backups.contract.records import Discovered, Newest, OpenRun, Work
from lambdas.backups.domain.ages import oldest
from lambdas.backups.ports import MoreTime, Status
from lambdas.backups.workflow.beginning import Beginner
from lambdas.backups.workflow.outcome import Outcome
from lambdas.backups.workflow.running import Runner
from lambdas.backups.workflow.working import Worker
from lambdas.common.failures import UnavailableError

_AGES_EVERY_MINUTES = 5


@dataclass(frozen=True)
class Advancer:
    """One invocation. Several at once share the work among them."""

    status: Status
    beginner: Beginner
    runner: Runner
    worker: Worker
    policies: Sequence[Policy]
    now: Callable[[], datetime]
    told: Callable[[Outcome], None]
    """Makes metrics of what was done since the last time: what ends the invocation later cannot lose them."""

    def run(self, more: MoreTime, outcome: Outcome) -> None:
        """Advances what is open, the oldest first. Work of later slots on a resource waits for that of earlier ones."""
        self.beginner.catch_up(self.policies, outcome)
        for opened in self.status.listed(OPEN_RUNS, OpenRun):
            self._guarded(partial(self.runner.advance, opened, more, outcome), more, outcome)
        at_work = set()
        for stored in self.status.listed(OPEN_WORK, Work):
            if stored.record.resource not in at_work:
                at_work.add(stored.record.resource)
                self._guarded(partial(self.worker.advance, stored, more, outcome), more, outcome)
        if self.now().minute % _AGES_EVERY_MINUTES == 0:
            self._tell_ages(outcome)

    def _guarded(self, advance: Callable[[], object], more: MoreTime, outcome: Outcome) -> None:
        if not more():
            return
        try:
            advance()
        except UnavailableError as error:
            outcome.retried.append(str(error))
        except Exception as error:  # noqa: BLE001  one resource must not stand in the way of the others
            outcome.errors.append(error)
        self.told(outcome)

    def _tell_ages(self, outcome: Outcome) -> None:
        newest = [each.record for each in self.status.listed(NEWEST, Newest)]
        policies = {policy.name for policy in self.policies}
        for each in self.status.listed(POLICIES, Discovered):
            if each.record.policy in policies:
                outcome.ages[each.record.policy] = oldest(each.record, newest, self.now())
