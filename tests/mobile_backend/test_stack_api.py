"""The REST API: what is made of the contract's routes, who is let in, and what the gateway answers by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.mobile_backend.contract.routes import NOTIFY, REGISTER_DEVICE, ROUTES
from stacks.blocks.gateway_models import draft_4
from stacks.config import STAGES
from tests.mobile_backend.stacks import API
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)

TemplateOf = Callable[[str], Template]


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["MobileBackend"]


def _methods(template: Template) -> dict[str, dict[str, Any]]:
    """Properties by method and path."""
    resources = template.of_type("AWS::ApiGateway::Resource")

    def path(resource: str) -> str:
        found = re.fullmatch(r"\${(\w+)}", resource)
        if not found:
            return ""  # the root: an attribute of the API
        own = resources[found[1]]
        return f"{path(own['ParentId'])}/{own['PathPart']}"

    made = template.of_type("AWS::ApiGateway::Method").values()
    return {f"{each['HttpMethod']} {path(each['ResourceId'])}": each for each in made}


# --- methods --------------------------------------------------------------------------------------------------------


@every_stage
def test_every_route_is_a_method_and_what_a_path_does_not_have_gets_to_the_function_as_well(
    template: TemplateOf, stage: str
) -> None:
    keys = {key for route in ROUTES for key in route.keys} | {f"ANY {route.path}" for route in ROUTES}
    assert set(_methods(template(stage))) == keys


@every_stage
def test_every_method_needs_an_access_token_and_the_apps_key(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    [authorizer] = made.of_type("AWS::ApiGateway::Authorizer").values()
    assert (authorizer["Type"], authorizer["ProviderARNs"]) == ("COGNITO_USER_POOLS", ["${MobileBackendUsersPool.Arn}"])
    for key, method in _methods(made).items():
        assert method["ApiKeyRequired"] is True, key
        assert method["AuthorizerId"] == "${MobileBackendRestApiUsers}", key
        # Identity tokens have no scopes.
        assert method["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"], key


@every_stage
def test_requests_go_to_the_function_as_they_are(template: TemplateOf, stage: str) -> None:
    for key, method in _methods(template(stage)).items():
        integration = method["Integration"]
        assert integration["Type"] == "AWS_PROXY", key
        assert integration["Uri"].endswith(f"functions/${{{API}.Arn}}/invocations"), key


@every_stage
def test_one_permission_lets_all_methods_of_this_api_invoke_the_function(template: TemplateOf, stage: str) -> None:
    permissions = template(stage).of_type("AWS::Lambda::Permission").values()
    [permission] = [each for each in permissions if each["FunctionName"] == f"${{{API}.Arn}}"]
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"].endswith(":${AWS::AccountId}:${MobileBackendRestApi}/*/*/*")


# --- what is checked before the function ----------------------------------------------------------------------------


@every_stage
def test_bodies_are_held_against_the_contracts_models(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    [validator] = made.of_type("AWS::ApiGateway::RequestValidator").values()
    assert (validator["ValidateRequestBody"], validator["ValidateRequestParameters"]) == (True, True)
    models = {
        key: method["RequestModels"]["application/json"].strip("${}")
        for key, method in _methods(made).items()
        if "RequestModels" in method
    }
    assert {key: made.properties(model)["Schema"] for key, model in models.items()} == {
        REGISTER_DEVICE.keys[0]: draft_4(REGISTER_DEVICE.body),
        NOTIFY.keys[0]: draft_4(NOTIFY.body),
    }


@every_stage
def test_every_method_is_checked(template: TemplateOf, stage: str) -> None:
    for key, method in _methods(template(stage)).items():
        assert method["RequestValidatorId"] == "${MobileBackendRestApiValidator}", key


@every_stage
def test_parameters_of_paths_and_queries_are_declared_with_what_is_required(template: TemplateOf, stage: str) -> None:
    methods = _methods(template(stage))
    assert methods["DELETE /devices/{device_id}"]["RequestParameters"] == {"method.request.path.device_id": True}
    assert methods["GET /notifications"]["RequestParameters"] == {"method.request.querystring.limit": False}


# --- the stage ------------------------------------------------------------------------------------------------------


@every_stage
def test_key_is_throttled_and_has_a_quota_and_so_is_the_stage(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    [plan] = made.of_type("AWS::ApiGateway::UsagePlan").values()
    assert plan["Throttle"] == {"RateLimit": 100, "BurstLimit": 200}
    assert plan["Quota"] == {"Limit": 10_000_000, "Period": "MONTH"}
    [served] = plan["ApiStages"]
    assert (served["ApiId"], served["Stage"]) == ("${MobileBackendRestApi}", "${MobileBackendRestApiDeploymentStagev1}")
    [key] = made.of_type("AWS::ApiGateway::UsagePlanKey").values()
    assert (key["KeyType"], key["UsagePlanId"]) == ("API_KEY", "${MobileBackendRestApiPlan}")
    [settings] = _stage(made)["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (100, 200)


def _stage(template: Template) -> dict[str, Any]:
    [stage] = template.of_type("AWS::ApiGateway::Stage").values()
    return stage


@every_stage
def test_stage_is_traced_and_measured_and_logs_who_asked_for_what_but_not_what_was_in_it(
    template: TemplateOf, stage: str
) -> None:
    made = _stage(template(stage))
    [settings] = made["MethodSettings"]
    assert (made["StageName"], made["TracingEnabled"], settings["MetricsEnabled"]) == ("v1", True, True)
    assert settings["DataTraceEnabled"] is False
    assert made["AccessLogSetting"]["DestinationArn"].endswith(":log-group:${MobileBackendRestApiLogs}")
    logged = json.loads(made["AccessLogSetting"]["Format"])
    assert logged["function_request_id"] == "$context.awsEndpointRequestId", "which the log of a broken function has"
    assert logged["request_id"] == "$context.requestId"
    assert all(re.fullmatch(r"\$context\.[A-Za-z.]+", variable) for variable in logged.values())


@every_stage
def test_role_that_api_gateway_logs_by_is_set_before_the_stage_and_outlives_the_stack(
    template: TemplateOf, stage: str
) -> None:
    resources = template(stage).resources
    account, role = resources["MobileBackendRestApiAccount"], resources["MobileBackendRestApiAccountLogRole"]
    assert account["Properties"]["CloudWatchRoleArn"] == "${MobileBackendRestApiAccountLogRole.Arn}"
    assert (account["DeletionPolicy"], role["DeletionPolicy"]) == ("Retain", "Retain")
    [deployed] = [each for each in resources.values() if each["Type"] == "AWS::ApiGateway::Stage"]
    assert "MobileBackendRestApiAccount" in deployed["DependsOn"]


@every_stage
def test_api_has_a_name_of_its_own_since_metrics_are_by_name(template: TemplateOf, stage: str) -> None:
    [api] = template(stage).of_type("AWS::ApiGateway::RestApi").values()
    assert (api["Name"], api["EndpointConfiguration"]) == ("MobileBackend", {"Types": ["REGIONAL"]})


# --- what the gateway answers by itself -----------------------------------------------------------------------------


def _answers(template: Template) -> dict[str, dict[str, Any]]:
    return {each["ResponseType"]: each for each in template.of_type("AWS::ApiGateway::GatewayResponse").values()}


def _problem(answer: dict[str, Any]) -> Any:
    """The body as a client gets it."""
    said = {"$context.error.messageString": '"why"', "$context.error.validationErrorString": "[what]"}
    text: str = answer["ResponseTemplates"]["application/json"]
    for variable, value in said.items():
        text = text.replace(variable, value)
    return json.loads(text)


@every_stage
def test_gateway_answers_problems_as_the_function_does(template: TemplateOf, stage: str) -> None:
    answers = _answers(template(stage))
    assert set(answers) >= {"DEFAULT_4XX", "DEFAULT_5XX"}, "whatever else there is comes as a problem as well"
    for kind, answer in answers.items():
        headers = answer["ResponseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'", kind
        assert headers["gatewayresponse.header.x-request-id"] == "context.requestId", kind
        problem = _problem(answer)
        assert problem["detail"], kind
        assert str(problem.get("status", "")) == answer.get("StatusCode", ""), kind


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("UNAUTHORIZED", "401"),
        ("INVALID_API_KEY", "403"),
        ("MISSING_AUTHENTICATION_TOKEN", "404"),
        ("REQUEST_TOO_LARGE", "413"),
        ("THROTTLED", "429"),
        ("QUOTA_EXCEEDED", "429"),
        ("INTEGRATION_TIMEOUT", "504"),
    ],
)
def test_status_says_what_clients_can_do_about_it(template: TemplateOf, kind: str, status: str) -> None:
    assert _answers(template("dev"))[kind]["StatusCode"] == status


def test_client_without_token_is_told_how_to_send_one(template: TemplateOf) -> None:
    unauthorized = _answers(template("dev"))["UNAUTHORIZED"]
    assert unauthorized["ResponseParameters"]["gatewayresponse.header.www-authenticate"] == "'Bearer'"


def test_throttled_client_is_told_when_to_come_again(template: TemplateOf) -> None:
    throttled = _answers(template("dev"))["THROTTLED"]
    assert throttled["ResponseParameters"]["gatewayresponse.header.retry-after"] == "'1'"


def test_refused_body_comes_with_what_is_wrong_with_it(template: TemplateOf) -> None:
    problem = _problem(_answers(template("dev"))["BAD_REQUEST_BODY"])
    assert problem == {
        "title": "Bad Request",
        "status": 400,
        "detail": "why",
        "errors": [{"pointer": "#", "detail": "[what]"}],
    }
