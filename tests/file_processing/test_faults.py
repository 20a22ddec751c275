"""The schedules bite: each of these deliberate faults is found by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from lambdas.file_processing.adapters import queues
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.items import Update
from lambdas.file_processing.adapters.members import QueuedMembers
from lambdas.file_processing.adapters.objects import S3Products, S3Quarantine
from lambdas.file_processing.contract import Metric
from lambdas.file_processing.contract.messages import LAST_SEQUENCER, Changed, Work
from lambdas.file_processing.contract.tables import Status, root_of
from lambdas.file_processing.domain import totals
from lambdas.file_processing.domain.arrivals import Arrival
from lambdas.file_processing.domain.catalog import Admitted, Contribution, Current, succeed
from lambdas.file_processing.runtime.consuming import Consumer
from lambdas.file_processing.workflow import admission, unpacking
from lambdas.file_processing.workflow.admission import Admission
from lambdas.file_processing.workflow.lanes import LaneWorkflow, Outcome
from lambdas.file_processing.workflow.measuring import Measuring
from lambdas.file_processing.workflow.unpacking import Unpacking
from tests.file_processing.schedules import schedules
from tests.file_processing.test_exactness import check
from tests.support.fake_aws import FakeDynamoDB
from tests.support.schedules import Patch, expect_to_find

WHEN, TRANSACT, HEAD, PUT = Update.when, FakeDynamoDB.transact_write_items, DynamoCatalog._head, DynamoCatalog._put
TELL, STEP, ADMIT = Admission._tell, Admission._step, Admission.admit
LOOK, SETTLE, CHANGES = LaneWorkflow.look, DynamoCatalog.settle, totals.changes
ANNOUNCE, DELETE_ITEM_CONDITION = QueuedMembers.announce, "ConditionExpression"


def never_when(name: str) -> Patch:
    """A condition on an attribute is left out."""

    def when(self: Update, attribute: str, value: Any) -> Update:
        return self if attribute == name else WHEN(self, attribute, value)

    return (Update, "when", when)


def apart(first: Callable[[Any], bool]) -> Patch:
    """Some writes are a transaction of their own, which comes first."""

    def transact(self: FakeDynamoDB, *, TransactItems: Any) -> Any:  # noqa: N803
        for part in ([each for each in TransactItems if first(each)], [x for x in TransactItems if not first(x)]):
            if part:
                TRANSACT(self, TransactItems=part)

    return (FakeDynamoDB, "transact_write_items", transact)


def of_totals(write: Any) -> bool:
    ((_, what),) = write.items()
    return bool(what.get("Key", what.get("Item"))["entity"]["S"].startswith("totals#"))


def conflict_is_done(self: DynamoCatalog, step: Admitted) -> bool:
    """A failed condition is taken for success."""
    _admit(self, step)
    return True


_admit = DynamoCatalog.admit


def nothing_taken_back(before: Current | None, after: Current) -> Any:
    return CHANGES(None if before and after.contribution else before, after)


def rejects_forgotten(before: Current | None, after: Current) -> Any:
    """A rejected file is taken back as if it had been good."""
    good = before and msgspec.structs.replace(before, status=Status.READY)
    return CHANGES(good, after)


def forgetful(*, carried: bool, stale: bool, index: bool) -> Callable[..., Current]:
    """Somebody is not told."""

    def successor(before: Current | None, after: Current) -> Current:
        whole = succeed(before, after)
        old = {each for each in whole.stale if before and each in before.stale}
        past = {each for each in whole.stale if each.generation != after.generation} - old
        dropped = (old if carried else set()) | (past if stale else set())
        kept = tuple(each for each in whole.stale if each not in dropped)
        return msgspec.structs.replace(whole, stale=kept, index_stale=whole.index_stale and not index)

    return successor


def silent_when_overtaken(self: Admission, arrival: Arrival) -> Any:
    before = self.catalog.get(arrival.file_id)
    return () if before and before.sequencer >= arrival.sequencer else ADMIT(self, arrival)


def told_first(self: Admission, current: Current) -> None:
    self.catalog.told(current)
    TELL(self, current)


def tell_before_commit(self: Admission, arrival: Arrival, before: Current | None) -> Any:
    step = STEP(self, arrival, before)
    if step and step.after.index_stale:
        self.index.changed(arrival.file_id)
    return step and msgspec.structs.replace(step, after=msgspec.structs.replace(step.after, index_stale=False))


def removals_remove(self: Admission, arrival: Arrival, before: Current | None) -> Any:
    """Older versions that show again are overlooked."""
    if arrival.version_id is None:
        return Admitted(before=before, after=succeed(before, admission._nothing(arrival)))
    return STEP(self, arrival, before)


def late_events_pass(self: Admission, arrival: Arrival, before: Current | None) -> Any:
    """A removal that changes nothing is forgotten."""
    step = STEP(self, arrival, before)
    same = step and before and step.after.generation == before.generation
    return None if same else step


def any_event(self: Admission, arrival: Arrival) -> Any:
    """The event that comes last decides."""
    before = self.catalog.get(arrival.file_id)
    if before and before.sequencer >= arrival.sequencer:
        later = before.sequencer + "0"
        arrival = msgspec.structs.replace(arrival, sequencer=later)
    return ADMIT(self, arrival)


def no_discard(self: LaneWorkflow, work: Work) -> Outcome:
    file = self.catalog.get(work.file_id)
    if file and file.shows(work):
        return LOOK(self, work)
    return Outcome(Metric.DISCARDED)


def tell_nobody_again(self: LaneWorkflow, work: Work) -> Outcome:
    file = self.catalog.get(work.file_id)
    if file and file.shows(work) and file.status is not Status.PROCESSING:
        return Outcome(Metric.NO_EFFECT)
    return LOOK(self, work)


def forgotten_first(self: Unpacking, work: Work) -> None:
    noted = list(self.members.recorded(work.file_id, work.generation))
    self.members.forget(work.file_id, work.generation, noted)
    gone = [msgspec.structs.replace(each, change="removed", sequencer=LAST_SEQUENCER) for each in noted]
    self.members.announce(gone)


def content_is_the_id(self: queues.SqsIndex, file_id: str) -> None:
    """As with content-based deduplication."""
    body = msgspec.json.encode(Changed(file_id=file_id)).decode()
    self.client.send_message(QueueUrl=self.url, MessageBody=body, MessageGroupId="index", MessageDeduplicationId=body)


def swallowed(*given: Any) -> dict[str, Any]:
    EACH(*given)
    return {"batchItemFailures": []}


EACH = Consumer.each


def nothing(*_: Any, **__: Any) -> None: ...


def prefix_of_all(self: Admission, arrival: Arrival) -> Any:
    return ADMIT(self, msgspec.structs.replace(arrival, prefix=""))


def counted_by_event(shown: Current, arrival: Arrival, seen: Any, *rest: Any) -> Current:
    """The day on which an old version shows again."""
    state = SHOWING(shown, arrival, seen, *rest)
    given = state.contribution or Contribution(day="", prefix="", bytes=0, kind="")
    return msgspec.structs.replace(state, contribution=msgspec.structs.replace(given, bytes=seen.size + 1))


SHOWING = admission._showing

OWN_BUDGET = property(lambda self: root_of(self.file_id, self.generation or ""))

FAULTS: dict[str, list[Patch]] = {
    "state written whatever is there": [never_when("revision")],
    "totals before the rest": [apart(of_totals)],
    "totals after the rest": [apart(lambda write: not of_totals(write))],
    "admitted in spite of a conflict": [(DynamoCatalog, "admit", conflict_is_done)],
    "nothing taken back from totals": [(totals, "changes", nothing_taken_back)],
    "rejects not taken back from totals": [(totals, "changes", rejects_forgotten)],
    "rejects not added to totals": [(totals, "rejection", lambda _: {})],
    "totals by other prefixes": [(Admission, "admit", prefix_of_all)],
    "totals of other bytes": [(admission, "_showing", counted_by_event)],
    "old versions left as they were": [(DynamoCatalog, "_retire", lambda self, before, _: PUT_SAME(self, before))],
    "untold forgotten by the next event": [(admission, "succeed", forgetful(carried=True, stale=False, index=False))],
    "lanes not told of what was shown": [(admission, "succeed", forgetful(carried=False, stale=True, index=False))],
    "index not told by admission": [(admission, "succeed", forgetful(carried=False, stale=False, index=True))],
    "a repeated event tells nobody": [(Admission, "admit", silent_when_overtaken)],
    "noted as told before it is": [(Admission, "_tell", told_first)],
    "index told before the catalog changes": [(Admission, "_step", tell_before_commit)],
    "older versions never show again": [(Admission, "_step", removals_remove)],
    "removals without effect forgotten": [(Admission, "_step", late_events_pass)],
    "the last to come decides": [(Admission, "admit", any_event)],
    "originals not quarantined": [(S3Quarantine, "keep", nothing)],
    "nothing discarded": [(LaneWorkflow, "look", no_discard)],
    "products left": [(S3Products, "discard", nothing)],
    "members stay": [(Unpacking, "retract", nothing)],
    "metrics stay": [(Measuring, "retract", nothing)],
    "settled again tells nobody": [(LaneWorkflow, "look", tell_nobody_again)],
    "members forgotten before they are removed": [(Unpacking, "retract", forgotten_first)],
    "removals of members come first": [(unpacking, "LAST_SEQUENCER", "0")],
    "every attempt to unpack is counted": [(Update, "when_new", lambda self: self)],
    "archives within archives have budgets of their own": [(Current, "belongs_to", OWN_BUDGET)],
    "index queue deduplicates by content": [(queues.SqsIndex, "changed", content_is_the_id)],
    "failures swallowed": [(Consumer, "each", swallowed)],
}


def PUT_SAME(self: DynamoCatalog, before: Current) -> Any:  # noqa: N802
    return {
        "ConditionCheck": {"TableName": self.table_name, "Key": {"entity": {"S": before.file_id}, "entry": {"S": "x"}}}
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
