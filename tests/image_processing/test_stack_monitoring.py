"""What image processing watches, and whom it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambdas.image_processing.contract import Metric
from stacks.config import STAGES
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

TemplateOf = Callable[[str], Template]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["ImageProcessing"]


@pytest.fixture(scope="module")
def mailing(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage whose alarms are mailed."""
    stage = STAGES["dev"]
    stage = replace(stage, shared=replace(stage.shared, alarm_email="alarms@example.com"))
    return synthesize(stage, tmp_path_factory.mktemp("mailing")).templates["ImageProcessing"]


def _own_alarms(template: Template) -> dict[str, dict[str, Any]]:
    prefix = "ImageProcessingAlarms"
    return {name.removeprefix(prefix): alarm for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items()}


@in_the_cloud
def test_alarms_watch_every_way_that_an_event_can_fail(template: TemplateOf, stage: str) -> None:
    function = [{"Name": "FunctionName", "Value": "${ImageProcessingRenderFunction}"}]
    queue = [{"Name": "QueueName", "Value": "${ImageProcessingFailures.QueueName}"}]
    watched = {
        name: (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"], alarm["Dimensions"], alarm["Threshold"])
        for name, alarm in _own_alarms(template(stage)).items()
        if name != "QuarantineRate"
    }
    assert watched == {
        "Errors": ("AWS/Lambda", "Errors", "Sum", function, 0),
        "Throttles": ("AWS/Lambda", "Throttles", "Sum", function, 0),
        "DroppedEvents": ("AWS/Lambda", "AsyncEventsDropped", "Sum", function, 0),
        "LostEvents": ("AWS/Lambda", "DestinationDeliveryFailures", "Sum", function, 0),
        "FailureQueueDepth": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", queue, 0),
    }


@in_the_cloud
def test_alarms_are_raised_by_the_first_breach_and_not_by_silence(template: TemplateOf, stage: str) -> None:
    for name, alarm in _own_alarms(template(stage)).items():
        how = (alarm["ComparisonOperator"], alarm["EvaluationPeriods"], alarm["TreatMissingData"])
        assert how == ("GreaterThanThreshold", 1, "notBreaching"), name
        assert alarm["AlarmDescription"], name


@in_the_cloud
def test_quarantine_alarm_is_raised_when_a_fifth_of_the_uploads_of_15_minutes_was_rejected(
    template: TemplateOf, stage: str
) -> None:
    """One metric that every upload writes, 0 or 100: shares of counters have no data where a counter has none."""
    alarm = _own_alarms(template(stage))["QuarantineRate"]
    assert (alarm["MetricName"], alarm["Statistic"]) == (Metric.REJECTED_SHARE, "Average")
    assert (alarm["Period"], alarm["Threshold"]) == (15 * 60, 20)


@pytest.mark.parametrize("stage", STAGES)
def test_quarantine_alarm_watches_the_namespace_and_service_that_the_function_writes(
    template: TemplateOf, stage: str
) -> None:
    environment = template(stage).properties("ImageProcessingRenderFunction")["Environment"]["Variables"]
    alarm = _own_alarms(template(stage))["QuarantineRate"]
    assert alarm["Namespace"] == environment["METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": environment["SERVICE"]}]


@pytest.mark.parametrize("stage", STAGES)
def test_without_an_address_alarms_tell_nobody(template: TemplateOf, stage: str) -> None:
    assert template(stage).of_type("AWS::SNS::Topic") == {}
    assert not [name for name, alarm in _own_alarms(template(stage)).items() if "AlarmActions" in alarm]


def test_with_an_address_every_alarm_is_mailed_to_it(mailing: Template) -> None:
    [subscription] = mailing.of_type("AWS::SNS::Subscription").values()
    assert subscription == {"Endpoint": "alarms@example.com", "Protocol": "email", "TopicArn": "${AlarmTopic}"}
    for name, alarm in _own_alarms(mailing).items():
        assert alarm["AlarmActions"] == ["${AlarmTopic}"], name


def test_alarms_of_this_account_may_publish_to_the_topic_over_tls(mailing: Template) -> None:
    """A topic with any policy loses the default one, by which alarms may publish: they would fail in silence."""
    [policy] = mailing.of_type("AWS::SNS::TopicPolicy").values()
    denied, allowed = policy["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert {name: value for name, value in allowed.items() if name != "Sid"} == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "${AlarmTopic}",
        "Condition": {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}},
    }


@in_the_cloud
def test_dashboard_shows_every_alarm_and_every_metric_of_the_function(template: TemplateOf, stage: str) -> None:
    [dashboard] = template(stage).of_type("AWS::CloudWatch::Dashboard").values()
    [alarms] = [each for each in dashboard["DashboardBody"]["widgets"] if each["type"] == "alarm"]
    assert alarms["properties"]["alarms"] == [
        f"${{ImageProcessingAlarms{name}.Arn}}" for name in _own_alarms(template(stage))
    ]
    shown = json.dumps(dashboard["DashboardBody"])
    assert [name for name in Metric if f'"{name}"' not in shown] == []
