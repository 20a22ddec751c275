"""Messages of which the handling failed come again after a short wait that grows, and end as dead letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.queues import SqsMessages
from lambdas.file_processing.domain.retries import wait
from lambdas.file_processing.runtime.consuming import Consumer, Record
from tests.events import sqs
from tests.file_processing.fakes import ARRIVALS, FakeQueues
from tests.file_processing.world import Recording
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Killed

LONGEST = 4_500
chances = st.floats(0, 1)


@given(st.integers(1, 3), chances, chances)
def test_each_of_four_waits_is_longer_than_the_one_before_whatever_chance_says(
    attempt: int, one: float, other: float
) -> None:
    assert wait(attempt + 1, LONGEST, one) > 3 * wait(attempt, LONGEST, other)


@given(st.integers(1, 20), st.integers(0, 5_000), chances)
def test_no_wait_is_longer_than_the_queue_s_own(attempt: int, longest: int, chance: float) -> None:
    assert 0 <= wait(attempt, longest, chance) <= longest


def test_four_waits_outlast_half_an_hour_even_if_chance_makes_them_short() -> None:
    assert sum(wait(attempt, LONGEST, 1.0) for attempt in (1, 2, 3, 4)) > 30 * 60


def test_what_was_given_up_is_soon_a_dead_letter() -> None:
    assert wait(5, LONGEST, 0.0) == 20


@given(chances)
def test_chance_takes_a_quarter_of_a_wait_at_most(chance: float) -> None:
    assert 375 <= wait(3, LONGEST, chance) <= 500


def fails(_: object) -> Any:
    raise UnavailableError("throttled")


class Queue:
    """A consumer of a queue that hands out messages which have been tried so many times."""

    def __init__(self) -> None:
        self.outside = Outside()
        queues: Any = FakeQueues(self.outside)
        self.waits: list[int] = queues.waits
        log: Any = Recording()
        self.warnings: list[str] = log.warnings
        self.consumer = Consumer(log, SqsMessages(queues, ARRIVALS), LONGEST, chance=lambda: 0.0)

    def each(self, handle: Any, **attempts: int) -> list[str]:
        """Bodies of the messages that are to come again."""
        return self._bodies(attempts, self.consumer.each(self._event(attempts), None, handle))  # type: ignore[arg-type]

    def together(self, handle: Any, **attempts: int) -> list[str]:
        return self._bodies(attempts, self.consumer.together(self._event(attempts), None, handle))  # type: ignore[arg-type]

    def _event(self, attempts: Mapping[str, int]) -> dict[str, Any]:
        return sqs.event(*(sqs.message(body, receive_count=count) for body, count in attempts.items()))

    def _bodies(self, attempts: Mapping[str, int], answer: Mapping[str, Any]) -> list[str]:
        named = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
        return [body for body in attempts if sqs.message(body)["messageId"] in named]


@pytest.fixture
def queue() -> Queue:
    return Queue()


def bug(_: object) -> Any:
    raise KeyError("a bug")


@pytest.mark.parametrize("handle", [fails, bug])
def test_messages_wait_by_how_often_each_was_tried(queue: Queue, handle: Any) -> None:
    assert queue.each(handle, a=1, b=3, c=2) == ["a", "b", "c"]
    assert queue.waits == [20, 500, 100]


def test_of_a_batch_only_what_failed_comes_again(queue: Queue) -> None:
    assert queue.each(lambda body: fails(body) if body == "b" else None, a=1, b=2, c=1) == ["b"]
    assert queue.waits == [100]


def test_what_went_well_waits_for_nothing(queue: Queue) -> None:
    assert queue.each(lambda _: None, a=1) == queue.together(lambda _: [], a=1) == []
    assert queue.outside.calls == []


def test_a_kill_is_no_failure_of_the_message(queue: Queue) -> None:
    """Who is killed can tell the queue nothing: its own time holds."""

    def killed(_: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        queue.each(killed, a=1)
    assert queue.outside.calls == []


@pytest.mark.parametrize("handle", [fails, bug])
def test_all_of_a_batch_that_failed_as_a_whole_come_again_at_once(queue: Queue, handle: Any) -> None:
    """The first that is hidden for longer holds up the group, and new ones must not use up the attempts of old ones."""
    assert queue.together(handle, a=3, b=1) == ["a", "b"]
    assert queue.waits == [500, 500]
    assert queue.outside.calls == ["ChangeMessageVisibilityBatch"]


def test_what_cannot_be_read_comes_again_without_the_others(queue: Queue) -> None:
    def unreadable(records: Sequence[Record]) -> list[Record]:
        return [each for each in records if each["body"] == "b"]

    assert queue.together(unreadable, a=3, b=2) == ["b"]
    assert queue.waits == [100]


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.NO_ANSWER, Fault.PARTIAL])
def test_messages_that_cannot_be_told_when_to_come_are_named_as_failed_all_the_same(queue: Queue, fault: Fault) -> None:
    queue.outside.decide = lambda _: fault
    assert queue.together(fails, a=1, b=1) == ["a", "b"]
    assert queue.each(fails, a=1, b=1) == ["a", "b"]
    assert queue.warnings.count("the queue's own time holds") == (1 if fault is Fault.PARTIAL else 3)
