"""Functions that are published by deployments and released by others: deployed into the emulator, more than once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from local import environment
from local.cloud import Cloud, laptop_cloud
from local.errors import LocalCloudError
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.release_target import ReleaseTarget, ReleaseTargetConfig
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("release target")

AS_IT_COMES = ReleaseTargetConfig()
SHARED = SharedPolicy(retain_data=False, log_retention=logs.RetentionDays.ONE_DAY)


def assembly(directory: Path, answer: str, config: ReleaseTargetConfig = AS_IT_COMES, *, broken: bool = False) -> Path:
    """One function that answers this, to be released; where it is broken, something fails once it is published."""
    made = directory / (f"{answer} broken" if broken else answer)
    app = App(outdir=str(made), analytics_reporting=False)
    stack = Stack(app, "Released")
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline(f"def handler(event, context):\n    return {answer!r}\n"),
    )
    target = ReleaseTarget(stack, "Release", function=function, config=config, shared=SHARED)
    target.watch(target.alias.metric_errors())
    if broken:
        # Lambda publishes the same code once only.
        again = lambda_.CfnVersion(stack, "Again", function_name=function.function_name)
        again.node.add_dependency(function.current_version)
    CfnOutput(stack, "FunctionName", value=function.function_name)
    app.synth()
    return made


class Released:
    """The function in the emulator, as its callers and its controller see it."""

    def __init__(self, cloud: Cloud, directory: Path) -> None:
        self._cloud = cloud
        self._directory = directory
        self._lambda = cloud.client("lambda")

    def deploy(self, answer: str, *, broken: bool = False) -> None:
        self._cloud.deploy("Released", assembly=assembly(self._directory, answer, broken=broken))

    @property
    def name(self) -> str:
        return self._cloud.outputs["Released"]["FunctionName"]

    def stands_on(self) -> str:
        version: str = self._lambda.get_alias(FunctionName=self.name, Name="live")["FunctionVersion"]
        return version

    def answer(self, qualifier: str) -> Any:
        return json.load(self._lambda.invoke(FunctionName=self.name, Qualifier=qualifier)["Payload"])

    def move(self, version: str) -> None:
        self._lambda.update_alias(FunctionName=self.name, Name="live", FunctionVersion=version)

    def versions(self) -> list[str]:
        listed = self._lambda.list_versions_by_function(FunctionName=self.name)["Versions"]
        return [each["Version"] for each in listed if each["Version"] != "$LATEST"]


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Released]:
    monkeypatch.setattr(environment, "BUILD", tmp_path / "local")
    with laptop_cloud() as cloud:
        yield Released(cloud, tmp_path)


def test_deployments_publish_and_leave_the_alias_where_it_is(released: Released) -> None:
    """One test, since each deployment takes seconds."""
    released.deploy("one")
    assert (released.stands_on(), released.answer("live")) == ("1", "one")

    released.deploy("two")
    assert (released.stands_on(), released.answer("live")) == ("1", "one")
    assert (released.versions(), released.answer("2")) == (["1", "2"], "two")

    released.move("2")
    released.deploy("three")
    assert (released.stands_on(), released.answer("live")) == ("2", "two")
    # What somebody might have to go back to is there after all deployments.
    assert {version: released.answer(version) for version in released.versions()} == {
        "1": "one",
        "2": "two",
        "3": "three",
    }


def test_what_a_deployment_published_and_took_back_is_not_there_to_be_released(released: Released) -> None:
    """Lambda would not publish the same code again, either: the deployment could never be repeated."""
    released.deploy("one")
    with pytest.raises(LocalCloudError):
        released.deploy("two", broken=True)
    assert released.versions() == ["1"]
    released.deploy("two")
    answers = [released.answer(version) for version in released.versions()]
    assert (released.stands_on(), answers) == ("1", ["one", "two"])


def _template(directory: Path, config: ReleaseTargetConfig) -> Template:
    made = assembly(directory, "one", config)
    return Template.of(json.loads((made / "Released.template.json").read_text()))


def test_alarm_is_of_what_is_released_and_remembers_for_as_long_as_it_is_told(tmp_path: Path) -> None:
    template = _template(tmp_path, ReleaseTargetConfig(alias_name="prod", alarm_minutes=30))
    [alarm] = template.of_type("AWS::CloudWatch::Alarm").values()
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
        "FunctionName": "${Function}",
        "Resource": "${Function}:prod",
    }
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (60, 30, 1)
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (0, "notBreaching")


def test_alias_begins_with_the_version_that_it_is_told(tmp_path: Path) -> None:
    template = _template(tmp_path, ReleaseTargetConfig(alias_name="prod", first_version="7"))
    [alias] = template.of_type("AWS::Lambda::Alias").values()
    assert (alias["Name"], alias["FunctionVersion"]) == ("prod", "7")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"alias_name": "2"}, "alias_name"),
        ({"alias_name": ""}, "alias_name"),
        ({"first_version": "$LATEST"}, "first_version"),
        ({"first_version": "0"}, "first_version"),
        ({"alarm_minutes": 0}, "alarm_minutes"),
        ({"alarm_minutes": 1441}, "alarm_minutes"),
    ],
)
def test_what_lambda_or_cloudwatch_would_refuse_is_refused_at_synth(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        ReleaseTargetConfig(**wrong)
