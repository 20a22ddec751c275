"""What invokes the functions of file processing: S3's notifications, queues, MediaConvert's events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.file_processing.contract import Lane, QueueSettings
from stacks.config import STAGES
from stacks.file_processing.config import FileProcessingConfig
from tests.file_processing.stacks import (
    ARRIVALS,
    FAILURES,
    INBOX,
    INDEX,
    INDEX_FAILURES,
    INDEX_QUEUE,
    LANE_QUEUES,
    LANE_ROLES,
    LANES,
    RECOGNIZE,
    RECOGNIZE_ROLE,
    TemplateOf,
    configured,
    environment,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)

DAY = 24 * 60 * 60

READERS = {ARRIVALS: RECOGNIZE, INDEX_QUEUE: INDEX, **{LANE_QUEUES[lane]: LANES[lane] for lane in Lane}}
"""The function of each queue of work."""
every_queue = pytest.mark.parametrize("queue", READERS)


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["FileProcessing"]


# --- notifications --------------------------------------------------------------------------------------------------


@every_stage
def test_whatever_happens_to_a_file_of_the_inbox_is_put_into_the_queue_of_arrivals(
    template: TemplateOf, stage: str
) -> None:
    [notifications] = template(stage).of_type("Custom::S3BucketNotifications").values()
    assert notifications["BucketName"] == f"${{{INBOX}}}"
    assert list(notifications["NotificationConfiguration"]) == ["QueueConfigurations"]
    told = notifications["NotificationConfiguration"]["QueueConfigurations"]
    assert {each["QueueArn"] for each in told} == {f"${{{ARRIVALS}.Arn}}"}
    events = sorted(event for each in told for event in each["Events"])
    assert events == ["s3:LifecycleExpiration:*", "s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


@every_stage
def test_the_inbox_may_write_to_the_queue_of_arrivals_before_it_is_told_to(template: TemplateOf, stage: str) -> None:
    """S3 tries it when the notifications are set, and refuses them otherwise."""
    made = template(stage)
    [allowed] = [
        each
        for each in made.properties(f"{ARRIVALS}Policy")["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Condition"] == {"ArnLike": {"aws:SourceArn": f"${{{INBOX}.Arn}}"}}
    assert f"{ARRIVALS}Policy" in made.resources[f"{INBOX}Notifications"]["DependsOn"]


# --- event sources --------------------------------------------------------------------------------------------------


def _mapping(template: Template, queue: str) -> dict[str, Any]:
    mappings = template.of_type("AWS::Lambda::EventSourceMapping").values()
    [mapping] = [each for each in mappings if each["EventSourceArn"] == f"${{{queue}.Arn}}"]
    return mapping


@every_stage
@every_queue
def test_messages_of_a_batch_that_failed_come_again_alone(template: TemplateOf, stage: str, queue: str) -> None:
    mapping = _mapping(template(stage), queue)
    assert mapping["FunctionName"] == f"${{{READERS[queue]}}}"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@every_stage
def test_lanes_get_files_one_at_a_time_and_others_get_ten(template: TemplateOf, stage: str) -> None:
    sizes = {queue: _mapping(template(stage), queue)["BatchSize"] for queue in READERS}
    assert sizes == {ARRIVALS: 10, INDEX_QUEUE: 10, **dict.fromkeys(LANE_QUEUES.values(), 1)}


@in_the_cloud
def test_no_lane_takes_all_that_an_account_has(template: TemplateOf, stage: str) -> None:
    for queue in (ARRIVALS, *LANE_QUEUES.values()):
        assert _mapping(template(stage), queue)["ScalingConfig"] == {"MaximumConcurrency": 100}


def test_users_decide_how_many_files_are_processed_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    config = FileProcessingConfig(concurrency=None, arrivals_batch_size=3)
    made = configured(tmp_path_factory.mktemp("tuned"), config).templates["FileProcessing"]
    assert _mapping(made, ARRIVALS)["BatchSize"] == 3
    for queue in (ARRIVALS, *LANE_QUEUES.values()):
        assert "ScalingConfig" not in _mapping(made, queue)


@every_stage
@pytest.mark.parametrize("role", [RECOGNIZE_ROLE, *LANE_ROLES.values()])
def test_function_has_its_rights_before_the_event_source_uses_them(template: TemplateOf, stage: str, role: str) -> None:
    """The event source names the function, and the function waits for the policy of its role."""
    function = template(stage).resources[f"{role.removesuffix('Role')}Function"]
    assert f"{role}DefaultPolicy" in function["DependsOn"]


# --- queues ---------------------------------------------------------------------------------------------------------


@every_stage
@every_queue
def test_message_is_hidden_for_as_long_as_it_may_be_worked_on_and_kept_when_it_fails(
    template: TemplateOf, stage: str, queue: str
) -> None:
    made = template(stage)
    properties = made.properties(queue)
    assert properties["VisibilityTimeout"] == 6 * made.properties(READERS[queue])["Timeout"]
    kept = INDEX_FAILURES if queue == INDEX_QUEUE else FAILURES
    assert properties["RedrivePolicy"] == {"deadLetterTargetArn": f"${{{kept}.Arn}}", "maxReceiveCount": 5}


@every_stage
@every_queue
def test_function_that_failed_can_only_shorten_the_time_of_a_message_of_its_queue(
    template: TemplateOf, stage: str, queue: str
) -> None:
    made = template(stage)
    told = QueueSettings.from_env(environment(made, READERS[queue]))
    left = made.properties(queue)["VisibilityTimeout"] - made.properties(READERS[queue])["Timeout"]
    assert (told.queue_url, told.longest_wait_seconds) == (f"${{{queue}}}", left)


@every_stage
@every_queue
def test_dead_letters_outlive_the_longest_wait_before_them(template: TemplateOf, stage: str, queue: str) -> None:
    """SQS counts a dead letter's age from when it was first sent."""
    made = template(stage)
    for failures in (FAILURES, INDEX_FAILURES):
        assert made.properties(failures)["MessageRetentionPeriod"] == 14 * DAY
    assert 14 * DAY - made.properties(queue)["MessageRetentionPeriod"] >= 4 * DAY


@every_stage
def test_index_is_told_of_changes_in_order_and_of_each_though_it_look_like_one_before(
    template: TemplateOf, stage: str
) -> None:
    queues = template(stage).of_type("AWS::SQS::Queue")
    assert {name for name, each in queues.items() if each.get("FifoQueue")} == {INDEX_QUEUE, INDEX_FAILURES}
    assert "ContentBasedDeduplication" not in queues[INDEX_QUEUE]


@every_stage
def test_queues_are_encrypted_and_refuse_everything_but_tls(template: TemplateOf, stage: str) -> None:
    queues = template(stage).of_type("AWS::SQS::Queue")
    assert set(queues) == {*READERS, FAILURES, INDEX_FAILURES}
    assert [name for name, queue in queues.items() if not queue["SqsManagedSseEnabled"]] == []
    policies = template(stage).of_type("AWS::SQS::QueuePolicy").values()
    assert {queue for policy in policies for queue in policy["Queues"]} == {f"${{{name}}}" for name in queues}
    for policy in policies:
        denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
