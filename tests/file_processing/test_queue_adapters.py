"""What is sent to lanes, to the index, and of members to the arrivals queue."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from lambdas.common.calls import Patience
from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.members import QueuedMembers
from lambdas.file_processing.adapters.queues import SqsIndex, SqsLanes
from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.messages import Member, Work
from lambdas.file_processing.domain.arrivals import parse
from tests.file_processing.conftest import Cloud
from tests.file_processing.fakes import ARRIVALS, FakeQueues
from tests.file_processing.world import TABLE
from tests.support.fake_aws import FakeDynamoDB, Fault, Outside


def member(at: int, name: str = "a") -> Member:
    return Member(
        change="created",
        bucket="products",
        key=f"products/f/g/members/{at:06}",
        name=f"a.zip!/{name * 3}{at}",
        file_id=f"{at:032x}",
        sequencer="01",
        time="2026-11-26T12:00:00+00:00",
        depth=1,
        parent="f",
        prefix="",
        root="f/g",
    )


def test_a_lane_is_asked_in_its_own_queue(cloud: Cloud) -> None:
    lanes = SqsLanes(cloud.sqs, {Lane.EXTRACT: cloud.queues["lane"]})
    lanes.look(Lane.EXTRACT, Work(file_id="f", generation="g"))
    assert [json.loads(each) for each in cloud.messages("lane")] == [{"file_id": "f", "generation": "g"}]


def test_the_index_is_told_twice_of_two_changes_of_a_file(cloud: Cloud) -> None:
    """SQS would drop an equal message of the last five minutes: the second change would never be seen."""
    index = SqsIndex(cloud.sqs, cloud.queues["index"])
    index.changed("f")
    index.changed("f")
    assert [json.loads(each) for each in cloud.messages("index")] == [{"file_id": "f"}] * 2


def test_a_queue_that_does_not_answer_is_an_outage(cloud: Cloud) -> None:
    with pytest.raises(UnavailableError, match="tell the index"):
        SqsIndex(cloud.sqs, cloud.queues["index"] + "-gone").changed("f")


@pytest.fixture
def members(cloud: Cloud) -> QueuedMembers:
    return QueuedMembers(cloud.dynamodb, "catalog", cloud.sqs, cloud.queues["arrivals"], Patience(lambda _: None))


def test_members_are_remembered_until_they_are_forgotten(members: QueuedMembers) -> None:
    noted = [member(at) for at in range(60)]
    members.record("f", "g", noted)
    members.record("f", "g", noted[:30])
    members.record("f", "other", [member(100)])
    assert list(members.recorded("f", "g")) == noted
    members.forget("f", "g", noted[:50])
    assert list(members.recorded("f", "g")) == noted[50:]
    assert list(members.recorded("f", "other")) == [member(100)]


def test_every_member_is_announced_as_arrivals_are_read(cloud: Cloud, members: QueuedMembers) -> None:
    members.announce([member(at) for at in range(25)])
    arrived = [each for body in cloud.messages("arrivals") for each in parse(body)]
    assert {each.file_id for each in arrived} == {member(at).file_id for at in range(25)}


def over_fakes(fault: Fault, *calls: str) -> tuple[FakeQueues, QueuedMembers]:
    """Every other one of some calls is done in part, or fails."""
    outside = Outside()
    outside.decide = lambda name: fault if name in calls and len(outside.calls) % 2 else Fault.NONE
    dynamodb: Any = FakeDynamoDB(outside, {TABLE: ("entity", "entry")})
    queues: Any = FakeQueues(outside)
    return queues, QueuedMembers(dynamodb, TABLE, queues, ARRIVALS, Patience(lambda _: None))


def test_what_is_left_of_a_batch_is_sent_again() -> None:
    queues, members = over_fakes(Fault.PARTIAL, "SendMessageBatch", "BatchWriteItem")
    noted = [member(at) for at in range(25)]
    members.record("f", "g", noted)
    members.announce(noted)
    assert list(members.recorded("f", "g")) == noted
    sent = [msgspec.json.decode(each)["member"]["file_id"] for each in queues.queues[ARRIVALS]]
    assert sorted(set(sent)) == [each.file_id for each in noted]


def test_names_of_any_length_fit_into_batches() -> None:
    """Which have 256 KiB; the fake refuses larger ones."""
    queues, members = over_fakes(Fault.NONE)
    members.announce([member(at, name="é" * 10_000) for at in range(20)])
    assert len(queues.queues[ARRIVALS]) == 20


def test_an_outage_while_members_are_read_is_an_outage() -> None:
    _, members = over_fakes(Fault.THROTTLED, "Query")
    with pytest.raises(UnavailableError, match="read members"):
        list(members.recorded("f", "g"))
