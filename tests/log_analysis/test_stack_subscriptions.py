"""Which log groups' lines come to the function, who may bring them, and that its own never do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_logs as logs

from stacks.config import STAGES
from stacks.log_analysis.config import LogAnalysisConfig, LogGroupSubscription
from stacks.log_analysis.construct import LogAnalysis
from stacks.log_analysis.subscriptions import MOST_PERMISSIONS
from tests.log_analysis.stacks import ANALYZE, TemplateOf, alone, configured
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

ARN = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group"
SHOP = LogGroupSubscription(name="/aws/lambda/shop", pattern='{ $.level = "ERROR" }')


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["LogAnalysis"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return configured(LogAnalysisConfig(subscriptions=(SHOP,)), tmp_path_factory.mktemp("shop"))


def _filters(template: Template) -> dict[str, dict[str, Any]]:
    """By log group."""
    return {each["LogGroupName"]: each for each in template.of_type("AWS::Logs::SubscriptionFilter").values()}


def _permissions(template: Template) -> list[dict[str, Any]]:
    return list(template.of_type("AWS::Lambda::Permission").values())


# --- which lines come -----------------------------------------------------------------------------------------------


def test_a_log_group_of_the_config_sends_the_lines_that_match_its_pattern(shop: Template) -> None:
    made = _filters(shop)[SHOP.name]
    assert (made["FilterPattern"], made["DestinationArn"]) == (SHOP.pattern, f"${{{ANALYZE}.Arn}}")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_web_backend_sends_all_that_its_function_and_its_api_write(template: TemplateOf, stage: str) -> None:
    filters = _filters(template(stage))
    assert {name: each["FilterPattern"] for name, each in filters.items()} == {
        "${WebBackend/WebBackendApiLogs}": "",
        "${WebBackend/WebBackendHttpLogs}": "",
    }


def test_on_the_laptop_three_log_groups_of_its_own_send_all_of_their_lines(template: TemplateOf) -> None:
    made = template("local")
    names = [f"LogAnalysisDemo{number}" for number in (1, 2, 3)]
    assert {name: each["FilterPattern"] for name, each in _filters(made).items()} == {
        f"${{{name}}}": "" for name in names
    }
    for name in names:
        assert made.properties(name)["RetentionInDays"] == 1


# --- who may bring them ---------------------------------------------------------------------------------------------


@every_stage
def test_cloudwatch_logs_may_invoke_the_function_for_each_subscribed_log_group_of_this_account_alone(
    template: TemplateOf, stage: str
) -> None:
    made = template(stage)
    permissions = _permissions(made)
    assert len(permissions) == len(_filters(made)) > 1
    assert len({each["SourceArn"] for each in permissions}) == len(permissions)
    for each in permissions:
        assert (each["Action"], each["Principal"]) == ("lambda:InvokeFunction", "logs.amazonaws.com")
        assert (each["FunctionName"], each["SourceAccount"]) == (f"${{{ANALYZE}.Arn}}", "${AWS::AccountId}")


def test_permission_names_the_log_group_as_cloudwatch_logs_does(shop: Template) -> None:
    assert f"{ARN}:{SHOP.name}:*" in {each["SourceArn"] for each in _permissions(shop)}


@every_stage
def test_filter_is_made_once_the_function_may_be_invoked(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    for name, resource in made.resources.items():
        if resource["Type"] == "AWS::Logs::SubscriptionFilter":
            assert resource["DependsOn"] == [name.replace("Filter", "Permission")]


def test_one_permission_can_stand_for_all_log_groups_of_this_account_and_region(tmp_path: Path) -> None:
    made = configured(LogAnalysisConfig(subscriptions=(SHOP,), any_log_group=True), tmp_path)
    [permission] = _permissions(made)
    assert len(_filters(made)) == 3
    assert (permission["SourceArn"], permission["SourceAccount"]) == (f"{ARN}:*", "${AWS::AccountId}")


def _many(count: int) -> tuple[LogGroupSubscription, ...]:
    return tuple(LogGroupSubscription(name=f"/app/{number}") for number in range(count))


def test_more_permissions_than_a_functions_policy_holds_are_refused_with_the_remedy() -> None:
    alone(subscriptions=_many(MOST_PERMISSIONS))
    with pytest.raises(ValueError, match=r"31 log groups are more than .* are 30: set any_log_group, .*or deploy"):
        alone(subscriptions=_many(MOST_PERMISSIONS + 1))


def test_with_one_permission_for_all_there_is_room_for_any_number() -> None:
    alone(subscriptions=_many(MOST_PERMISSIONS + 1), any_log_group=True)


# --- its own log group ----------------------------------------------------------------------------------------------

REFUSED = "is where the function itself writes: .*for ever. Let another LogAnalysis watch"


def test_its_own_log_group_is_refused() -> None:
    analysis = alone()
    with pytest.raises(ValueError, match=f"Logs/LogAnalysis/AnalyzeLogs {REFUSED}"):
        analysis.subscribe(analysis.analyze.log_group)


def test_its_own_log_group_is_refused_by_whatever_name() -> None:
    analysis = alone()
    own, elsewhere = analysis.analyze.log_group, Stack(App(), "Elsewhere")
    by_name = logs.LogGroup.from_log_group_name(elsewhere, "Name", own.log_group_name)
    by_arn = logs.LogGroup.from_log_group_arn(elsewhere, "Arn", own.log_group_arn)
    for each in (by_name, by_arn):
        with pytest.raises(ValueError, match=REFUSED):
            analysis.subscribe(each)


def test_its_own_log_group_is_refused_by_the_name_that_cloudformation_gave_it() -> None:
    made = alone()
    stack = Stack.of(made)
    name = f"Logs-{stack.resolve(made.analyze.log_group.log_group_name)['Ref']}-1CU0ZWF8Z2Q9"
    with pytest.raises(ValueError, match=f"{name} {REFUSED}"):
        alone(subscriptions=(LogGroupSubscription(name=name),))


def test_the_log_of_one_analysis_can_be_watched_by_another() -> None:
    stack = Stack(App(), "Logs")
    first, second = (
        LogAnalysis(stack, name, LogAnalysisConfig(), STAGES["dev"].shared) for name in ("First", "Second")
    )
    second.subscribe(first.analyze.log_group)
