"""The API: what the gateway lets through, to whom, how often, and what it tells."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lambdas.common.http.routes import USER, AnyRoute
from lambdas.web_backend.contract.routes import ROUTES
from stacks.config import STAGES
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.web_backend.stacks import API, CLIENT, FUNCTION, POOL, TemplateOf, only, route_keys

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)
in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

PUBLIC = {"/health", "/openapi.json"}


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


# --- routes ---------------------------------------------------------------------------------------------------------


@every_stage
def test_gateway_has_every_route_of_the_contract_and_any_method_of_each_path(template: TemplateOf, stage: str) -> None:
    declared = {key for route in ROUTES for key in route.keys}
    assert set(route_keys(template(stage))) == declared | {f"ANY {route.path}" for route in ROUTES}


@every_stage
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_route_lets_in_whom_the_contract_lets_in(template: TemplateOf, stage: str, route: AnyRoute) -> None:
    found = route_keys(template(stage))
    for key in (*route.keys, f"ANY {route.path}"):
        if route.path in PUBLIC:
            assert (found[key]["AuthorizationType"], "AuthorizerId" in found[key]) == ("NONE", False), key
        else:
            assert (found[key]["AuthorizationType"], found[key]["AuthorizationScopes"]) == ("JWT", list(USER)), key


@every_stage
def test_tokens_are_those_of_the_own_pool_for_the_own_client(template: TemplateOf, stage: str) -> None:
    [(name, authorizer)] = template(stage).of_type("AWS::ApiGatewayV2::Authorizer").items()
    assert authorizer["AuthorizerType"] == "JWT"
    assert authorizer["JwtConfiguration"] == {
        "Issuer": f"https://${{{POOL}.ProviderName}}",
        "Audience": [f"${{{CLIENT}}}"],
    }
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    used = {route["AuthorizerId"] for route in route_keys(template(stage)).values() if "AuthorizerId" in route}
    assert used == {f"${{{name}}}"}


ANSWERING = dict.fromkeys(STAGES, f"${{{FUNCTION}.Arn}}") | {"local": "${WebBackendReleaseAlias}"}
"""In stage ``local`` the IoT backend releases the function's versions."""


@every_stage
def test_all_routes_lead_to_the_one_function(template: TemplateOf, stage: str) -> None:
    [(name, integration)] = template(stage).of_type("AWS::ApiGatewayV2::Integration").items()
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert integration["IntegrationUri"] == ANSWERING[stage]
    assert {route["Target"] for route in route_keys(template(stage)).values()} == {f"integrations/${{{name}}}"}


@every_stage
def test_one_permission_lets_this_api_alone_call_the_function(template: TemplateOf, stage: str) -> None:
    """A permission for each route would fill the function's policy."""
    permission = only(template(stage), "AWS::Lambda::Permission")
    assert permission["FunctionName"] == ANSWERING[stage]
    assert permission["Principal"] == "apigateway.amazonaws.com"
    here = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
    assert permission["SourceArn"].startswith(f"{here}:${{{API}}}/")


# --- stage ----------------------------------------------------------------------------------------------------------


@every_stage
def test_stage_is_named_as_the_paths_of_the_website_begin(template: TemplateOf, stage: str) -> None:
    properties = only(template(stage), "AWS::ApiGatewayV2::Stage")
    assert (properties["StageName"], properties["AutoDeploy"]) == ("api", True)


@every_stage
def test_routes_are_throttled_as_the_contract_says_and_others_by_default(template: TemplateOf, stage: str) -> None:
    properties = only(template(stage), "AWS::ApiGatewayV2::Stage")
    told = {
        key: (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for key, each in properties["RouteSettings"].items()
    }
    assert told == {
        key: (route.throttle.rate, route.throttle.burst) for route in ROUTES if route.throttle for key in route.keys
    }
    default = properties["DefaultRouteSettings"]
    assert (default["ThrottlingRateLimit"], default["ThrottlingBurstLimit"]) == (500, 1000)


@every_stage
def test_every_route_has_metrics_of_its_own(template: TemplateOf, stage: str) -> None:
    properties = only(template(stage), "AWS::ApiGatewayV2::Stage")
    settings = [properties["DefaultRouteSettings"], *properties["RouteSettings"].values()]
    assert [each["DetailedMetricsEnabled"] for each in settings] == [True] * len(settings)


@every_stage
def test_stage_waits_for_the_routes_that_it_throttles(template: TemplateOf, stage: str) -> None:
    [resource] = [each for each in template(stage).resources.values() if each["Type"] == "AWS::ApiGatewayV2::Stage"]
    names = {each["RouteKey"]: name for name, each in template(stage).of_type("AWS::ApiGatewayV2::Route").items()}
    throttled = {names[key] for key in resource["Properties"]["RouteSettings"]}
    assert throttled <= set(resource["DependsOn"])


@every_stage
def test_access_log_is_json_and_tells_who_did_what_and_how_it_went(template: TemplateOf, stage: str) -> None:
    settings = only(template(stage), "AWS::ApiGatewayV2::Stage")["AccessLogSettings"]
    told = json.loads(settings["Format"])
    for fact in ("requestId", "routeKey", "status", "responseLatency", "integrationErrorMessage", "identity.sourceIp"):
        assert f"$context.{fact}" in told.values()
    assert told["user_id"] == "$context.authorizer.claims.sub"
    # The one id that stands in the log of a function that broke.
    assert told["function_request_id"] == "$context.awsEndpointRequestId"
    here = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
    assert settings["DestinationArn"] == f"{here}:log-group:${{WebBackendHttpLogs}}"


@pytest.mark.parametrize(("stage", "days"), [("local", 1), ("dev", 14), ("prod", 90)])
def test_access_log_forgets_when_the_stage_says(template: TemplateOf, stage: str, days: int) -> None:
    assert template(stage).properties("WebBackendHttpLogs")["RetentionInDays"] == days


# --- function and outputs -------------------------------------------------------------------------------------------


@in_the_cloud
def test_function_has_a_whole_cpu_and_ends_before_the_gateway_gives_up(template: TemplateOf, stage: str) -> None:
    properties = template(stage).properties(FUNCTION)
    assert (properties["MemorySize"], properties["Timeout"]) == (1769, 29)
    assert properties["Architectures"] == ["arm64"]
    assert properties["Layers"] == ["${ApiLayer}", "${CommonLayer}"]


def _outputs(template: Template) -> dict[str, str]:
    return {name: value for name, value in template.outputs.items() if name != "WebsiteConfig"}


@in_the_cloud
def test_outputs_say_where_everything_is(template: TemplateOf, stage: str) -> None:
    assert _outputs(template(stage)) == {
        "ApiUrl": f"https://${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/api",
        "UserPoolId": f"${{{POOL}}}",
        "UserPoolClientId": f"${{{CLIENT}}}",
        "WebsiteUrl": "https://${WebBackendWebsiteDistribution.DomainName}",
        "WebsiteBucketName": "${WebBackendWebsiteBucket}",
        "ItemsTableName": "${WebBackendItems}",
        "ApiFunctionName": f"${{{FUNCTION}}}",
    }


def test_in_an_emulator_the_addresses_are_its_own(template: TemplateOf) -> None:
    outputs = _outputs(template("local"))
    assert outputs["ApiUrl"] == f"http://127.0.0.1:4566/_aws/execute-api/${{{API}}}/api"
    assert outputs["WebsiteUrl"].startswith("http://")
    assert outputs["WebsiteUrl"].endswith(".cloudfront.localhost:4566")
