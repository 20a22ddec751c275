"""How a notification gets to the functions: the topic, its subscriptions, their queues, and what failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.mobile_backend.contract import CHANNELS_ATTRIBUTE
from lambdas.mobile_backend.contract.models import Channel
from stacks.blocks.function import FunctionConfig
from stacks.blocks.queue_source import QueueSourceConfig
from stacks.config import STAGES
from stacks.mobile_backend.config import ConsumerConfig, MobileBackendConfig
from tests.mobile_backend.stacks import CONSUMERS, configured
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
every_stage = pytest.mark.parametrize("stage", STAGES)
every_consumer = pytest.mark.parametrize("consumer", CONSUMERS)

TemplateOf = Callable[[str], Template]
DAY = 24 * 60 * 60
TOPIC = "${MobileBackendNotifications}"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["MobileBackend"]


def _queue(template: Template, consumer: str, name: str = "Queue") -> dict[str, Any]:
    return template.properties(f"MobileBackend{consumer}{name}")


# --- from the topic into queues -------------------------------------------------------------------------------------


@every_stage
def test_topic_is_encrypted_and_takes_nothing_but_tls(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    # By name: AWS makes its key for whoever names it first, and for no ARN.
    assert made.properties("MobileBackendNotifications")["KmsMasterKeyId"] == "alias/aws/sns"
    [policy] = made.of_type("AWS::SNS::TopicPolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (policy["Topics"], statement["Effect"], statement["Action"]) == ([TOPIC], "Deny", "sns:Publish")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


FILTERS = {
    "Push": {CHANNELS_ATTRIBUTE: [Channel.PUSH]},
    "Digest": {CHANNELS_ATTRIBUTE: [Channel.EMAIL]},
    "Audit": None,
}


@every_stage
def test_each_consumer_gets_the_messages_of_its_channel_as_they_were_published_and_audit_gets_all(
    template: TemplateOf, stage: str
) -> None:
    subscriptions = template(stage).of_type("AWS::SNS::Subscription").values()
    assert {each["Endpoint"]: each.get("FilterPolicy") for each in subscriptions} == {
        f"${{MobileBackend{consumer}Queue.Arn}}": policy for consumer, policy in FILTERS.items()
    }
    for each in subscriptions:
        assert (each["Protocol"], each["RawMessageDelivery"], each["TopicArn"]) == ("sqs", True, TOPIC)
        assert "FilterPolicyScope" not in each, "filters look at message attributes, which is the default"


@every_stage
def test_what_sns_cannot_deliver_goes_to_a_queue_of_its_own_whole(template: TemplateOf, stage: str) -> None:
    for each in template(stage).of_type("AWS::SNS::Subscription").values():
        assert each["RedrivePolicy"] == {"deadLetterTargetArn": "${MobileBackendUndeliverable.Arn}"}


@every_stage
@pytest.mark.parametrize("queue", ["PushQueue", "DigestQueue", "AuditQueue", "Undeliverable"])
def test_nobody_but_the_topic_may_send_to_a_queue(template: TemplateOf, stage: str, queue: str) -> None:
    policy = template(stage).properties(f"MobileBackend{queue}Policy")["PolicyDocument"]["Statement"]
    [allowed] = [each for each in policy if each["Effect"] == "Allow"]
    assert allowed == {
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Resource": f"${{MobileBackend{queue}.Arn}}",
    }


# --- from queues into functions -------------------------------------------------------------------------------------


def _mapping(template: Template, consumer: str) -> dict[str, Any]:
    mappings = template.of_type("AWS::Lambda::EventSourceMapping").values()
    [mapping] = [each for each in mappings if each["EventSourceArn"] == f"${{MobileBackend{consumer}Queue.Arn}}"]
    return mapping


BATCHES: dict[str, dict[str, Any]] = {
    "Push": {"BatchSize": 10},
    "Digest": {
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 300,
        "ScalingConfig": {"MaximumConcurrency": 2},
    },
    "Audit": {"BatchSize": 10},
}


@in_the_cloud
@every_consumer
def test_function_gets_batches_of_its_queue_and_reports_what_failed(
    template: TemplateOf, stage: str, consumer: str
) -> None:
    assert _mapping(template(stage), consumer) == {
        "EventSourceArn": f"${{MobileBackend{consumer}Queue.Arn}}",
        "FunctionName": f"${{{CONSUMERS[consumer]}}}",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        **BATCHES[consumer],
    }


@every_stage
@every_consumer
def test_message_is_hidden_for_six_times_the_timeout_and_the_wait_for_its_batch(
    template: TemplateOf, stage: str, consumer: str
) -> None:
    made = template(stage)
    timeout = made.properties(CONSUMERS[consumer])["Timeout"]
    window = _mapping(made, consumer).get("MaximumBatchingWindowInSeconds", 0)
    assert _queue(made, consumer)["VisibilityTimeout"] == 6 * timeout + window


@every_stage
@every_consumer
def test_after_five_failures_a_message_is_a_dead_letter_of_its_own_consumer(
    template: TemplateOf, stage: str, consumer: str
) -> None:
    assert _queue(template(stage), consumer)["RedrivePolicy"] == {
        "deadLetterTargetArn": f"${{MobileBackend{consumer}DeadLetters.Arn}}",
        "maxReceiveCount": 5,
    }


@every_stage
def test_queues_are_encrypted_and_take_nothing_but_tls(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    queues = made.of_type("AWS::SQS::Queue")
    assert len(queues) == 7
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True, name
        statements = made.properties(f"{name}Policy")["PolicyDocument"]["Statement"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [
            each["Condition"] for each in statements if each["Effect"] == "Deny"
        ], name


@every_stage
def test_dead_letters_stay_longer_than_what_could_become_one(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    for consumer in CONSUMERS:
        assert _queue(made, consumer)["MessageRetentionPeriod"] == 10 * DAY
        assert _queue(made, consumer, "DeadLetters")["MessageRetentionPeriod"] == 14 * DAY
    assert made.properties("MobileBackendUndeliverable")["MessageRetentionPeriod"] == 14 * DAY


def test_users_decide_how_batches_are_made(tmp_path_factory: pytest.TempPathFactory) -> None:
    source = QueueSourceConfig(batch_size=50, batching_seconds=20, max_concurrency=7)
    push = ConsumerConfig(source=source, function=FunctionConfig(timeout_seconds=60))
    made = configured(replace(MobileBackendConfig(), push=push), tmp_path_factory.mktemp("tuned"))
    mapping = _mapping(made, "Push")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (50, 20)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert _queue(made, "Push")["VisibilityTimeout"] == 6 * 60 + 20
