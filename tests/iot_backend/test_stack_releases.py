"""How the target is released: its alias, the controller's schedules, and the routes on another stack's API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_

from lambdas.common.http.routes import AnyRoute, Route, Throttle
from lambdas.iot_backend.contract import RELEASERS, Canary
from lambdas.iot_backend.contract.routes import ROUTES
from stacks.blocks.http_api import HttpApi, HttpApiConfig
from stacks.blocks.release_target import ReleaseTargetConfig
from stacks.blocks.users import Users, UsersConfig
from stacks.config import STAGES
from stacks.iot_backend.config import IotBackendConfig
from tests.iot_backend.stacks import ADVANCE, API, RELEASES, TARGET, TemplateOf, configured
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])
WEB_API = "WebBackendApiFunction"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["IotBackend"]


@pytest.fixture
def web(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


def _alias(template: Template) -> dict[str, Any]:
    [properties] = template.of_type("AWS::Lambda::Alias").values()
    return properties


# --- the target -----------------------------------------------------------------------------------------------------


@in_the_cloud
def test_sample_is_released_where_nothing_else_is(template: TemplateOf, web: TemplateOf, stage: str) -> None:
    assert _alias(template(stage)) == {"FunctionName": f"${{{TARGET}}}", "FunctionVersion": "1", "Name": "live"}
    assert not web(stage).of_type("AWS::Lambda::Alias")


def test_function_of_the_web_backend_is_released_where_that_is_wired(template: TemplateOf, web: TemplateOf) -> None:
    assert _alias(web("local")) == {"FunctionName": f"${{{WEB_API}}}", "FunctionVersion": "1", "Name": "live"}
    assert not template("local").of_type("AWS::Lambda::Alias")
    assert TARGET not in template("local").resources


def test_requests_of_the_web_backend_go_to_what_is_released(web: TemplateOf) -> None:
    made = web("local")
    [alias] = [name for name, each in made.resources.items() if each["Type"] == "AWS::Lambda::Alias"]
    [integration] = made.of_type("AWS::ApiGatewayV2::Integration").values()
    assert integration["IntegrationUri"] == f"${{{alias}}}"
    [permission] = made.of_type("AWS::Lambda::Permission").values()
    assert permission["FunctionName"] == f"${{{alias}}}"


def test_website_is_told_that_there_are_releases_where_they_are_wired(web: TemplateOf) -> None:
    told = {stage: json.loads(web(stage).outputs["WebsiteConfig"])["wired"] for stage in STAGES}
    assert told["local"] == [*told["dev"], "releases"]
    assert "releases" not in told["prod"]


def test_a_target_is_released_as_it_is_configured(tmp_path: Path) -> None:
    """The alarm remembers errors for longer than the canary takes."""
    config = IotBackendConfig(
        canary=Canary(seconds=3600), release=ReleaseTargetConfig(alias_name="prod", first_version="9", alarm_minutes=70)
    )
    made = configured(tmp_path, config, web_backend=True)
    assert _alias(made.templates["WebBackend"]) == {
        "FunctionName": f"${{{WEB_API}}}",
        "FunctionVersion": "9",
        "Name": "prod",
    }
    assert made.templates["IotBackend"].outputs["TargetAliasName"] == "prod"
    [alarm] = [
        each
        for name, each in made.templates["WebBackend"].of_type("AWS::CloudWatch::Alarm").items()
        if name.startswith("WebBackendRelease")
    ]
    assert (alarm["EvaluationPeriods"], alarm["Period"]) == (70, 60)


def test_an_api_that_answers_503_by_itself_is_taken_back(web: TemplateOf) -> None:
    """To Lambda such an answer is as good as any."""
    alarm = web("local").of_type("AWS::CloudWatch::Alarm")["WebBackendReleaseAlarmsErrors"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/ApiGateway", "5xx", "Sum")


# --- the controller -------------------------------------------------------------------------------------------------


@in_the_cloud
def test_controller_goes_on_by_itself_with_what_a_kill_left(template: TemplateOf, stage: str) -> None:
    [schedule] = template(stage).of_type("AWS::Scheduler::Schedule").values()
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["Target"]["Arn"] == f"${{{ADVANCE}.Arn}}"
    assert "Input" not in schedule["Target"]
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": "${IotBackendReleasesSweepUndelivered.Arn}"}


@in_the_cloud
def test_commands_are_forgotten_and_the_history_is_not(template: TemplateOf, stage: str) -> None:
    table = template(stage).properties(RELEASES)
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["partition", "entry"]
    [replica] = table["Replicas"]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


# --- routes on the web backend's API --------------------------------------------------------------------------------


def test_routes_are_on_the_api_of_the_web_backend_and_its_users_alone_get_in(template: TemplateOf) -> None:
    routes = template("local").of_type("AWS::ApiGatewayV2::Route").values()
    wanted = {key for route in ROUTES for key in route.keys} | {f"ANY {route.path}" for route in ROUTES}
    assert {each["RouteKey"] for each in routes} == wanted
    for each in routes:
        assert each["ApiId"] == "${WebBackend/WebBackendHttpApi}"
        assert (each["AuthorizationType"], each["AuthorizerId"]) == ("JWT", "${WebBackend/WebBackendHttpApiUsers}")
        assert each["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"]
    [(name, integration)] = template("local").of_type("AWS::ApiGatewayV2::Integration").items()
    assert integration["IntegrationUri"] == f"${{{API}.Arn}}"
    assert {each["Target"] for each in routes} == {f"integrations/${{{name}}}"}


def test_releasers_are_users_of_the_web_backend(template: TemplateOf) -> None:
    [group] = template("local").of_type("AWS::Cognito::UserPoolGroup").values()
    assert (group["GroupName"], group["UserPoolId"]) == (RELEASERS, "${WebBackend/WebBackendUsersPool}")


@in_the_cloud
def test_without_a_web_backend_there_is_neither_api_nor_group(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    assert not made.of_type("AWS::ApiGatewayV2::Route")
    assert not made.of_type("AWS::Cognito::UserPoolGroup")


def test_web_backend_does_not_need_the_iot_backend(assembly: Callable[[str], Assembly]) -> None:
    """Neither for its stage, which throttles by names of routes."""
    text = json.dumps(assembly("local").raw_templates["WebBackend"])
    assert "IotBackend" not in text


def test_a_route_that_would_need_a_throttle_in_another_stack_is_refused() -> None:
    app = App(analytics_reporting=False)
    ours, theirs = Stack(app, "Ours"), Stack(app, "Theirs")
    shared = STAGES["dev"].shared
    api = HttpApi(
        ours,
        "Http",
        description="",
        routes=[],
        function=_function(ours),
        users=Users(ours, "Users", UsersConfig(), shared),
        config=HttpApiConfig(),
        shared=shared,
    )
    throttle = Throttle(rate=1, burst=1)
    route: AnyRoute = Route(method="GET", path="/devices", operation="list_devices", summary="", throttle=throttle)
    with pytest.raises(
        ValueError, match=r"routes of Theirs cannot have throttles, .* take them away from list_devices"
    ):
        api.add_routes(theirs, [route], _function(theirs))


def _function(stack: Stack) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )
