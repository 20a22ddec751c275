"""What users may choose: platforms, a name and a firewall, GraphQL, other users; and routes that are not here yet."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_lambda as lambda_

from lambdas.common.http.metrics import UNAVAILABLE
from lambdas.common.http.routes import Route, Throttle
from lambdas.mobile_backend.contract import FIELDS_BROKEN, PlatformApplications
from stacks.blocks.api_domain import Domain
from stacks.blocks.rest_api import Period, RestApi, RestApiConfig
from stacks.blocks.users import Users, UsersConfig
from stacks.config import STAGES
from stacks.mobile_backend.config import MobileBackendConfig
from tests.mobile_backend.stacks import API_ROLE, DIGEST, DIGEST_ROLE, GRAPHQL, GRAPHQL_ROLE, PUSH_ROLE, environment
from tests.support.synthesis import Assembly, synthesize
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

APPLICATION = "arn:aws:sns:eu-west-1:123456789012:app/APNS/shop"
DEVICES_THERE = "arn:aws:sns:eu-west-1:123456789012:endpoint/APNS/shop/*"
EVERYTHING = MobileBackendConfig(
    platform_applications=PlatformApplications(apns=APPLICATION),
    api=RestApiConfig(
        quota=1_000,
        quota_period=Period.DAY,
        domain=Domain(name="api.example.com", certificate_arn="arn:aws:acm:eu-west-1:123456789012:certificate/1"),
        waf=True,
        sets_account_log_role=False,
    ),
    graphql=True,
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The stack of a user who chose all that is off by default."""
    stage = replace(STAGES["dev"], mobile_backend=EVERYTHING)
    return synthesize(stage, tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def template(everything: Assembly) -> Template:
    return everything.templates["MobileBackend"]


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(everything: Assembly) -> None:
    assert everything.findings == set()


# --- platforms ------------------------------------------------------------------------------------------------------


def _rights(template: Template, role: str) -> dict[str, set[str]]:
    """Resources by action."""
    rights: dict[str, set[str]] = {}
    for statement in template.statements(role):
        for action in statement["Action"]:
            rights.setdefault(action, set()).update(statement["Resource"])
    return rights


def test_devices_of_a_platform_that_is_configured_are_registered_and_pushed_to(template: Template) -> None:
    registering = _rights(template, API_ROLE)
    assert registering["sns:CreatePlatformEndpoint"] == {APPLICATION}
    assert registering["sns:SetEndpointAttributes"] == {APPLICATION, DEVICES_THERE}
    assert _rights(template, PUSH_ROLE)["sns:Publish"] == {DEVICES_THERE}


# --- the gateway ----------------------------------------------------------------------------------------------------


def test_own_name_is_the_only_way_in_and_asks_for_tls_1_2(template: Template) -> None:
    [domain] = template.of_type("AWS::ApiGateway::DomainName").values()
    assert (domain["DomainName"], domain["SecurityPolicy"]) == ("api.example.com", "TLS_1_2")
    [mapping] = template.of_type("AWS::ApiGateway::BasePathMapping").values()
    assert mapping["Stage"] == "${MobileBackendRestApiDeploymentStagev1}"
    [api] = template.of_type("AWS::ApiGateway::RestApi").values()
    assert api["DisableExecuteApiEndpoint"] is True
    assert template.outputs["RestApiUrl"] == "https://${MobileBackendRestApiDomain}/"
    assert template.outputs["DomainTarget"] == "${MobileBackendRestApiDomain.RegionalDomainName}"


def test_firewall_stands_before_the_stage_and_lets_long_bodies_through_to_the_functions_own_limit(
    template: Template,
) -> None:
    [association] = template.of_type("AWS::WAFv2::WebACLAssociation").values()
    assert association["ResourceArn"].endswith(
        "/restapis/${MobileBackendRestApi}/stages/${MobileBackendRestApiDeploymentStagev1}"
    )
    [acl] = template.of_type("AWS::WAFv2::WebACL").values()
    rate, common = acl["Rules"]
    assert (rate["Statement"]["RateBasedStatement"]["AggregateKeyType"], rate["Action"]) == ("IP", {"Block": {}})
    group = common["Statement"]["ManagedRuleGroupStatement"]
    assert (group["VendorName"], group["Name"]) == ("AWS", "AWSManagedRulesCommonRuleSet")
    assert group["RuleActionOverrides"] == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]


def test_quota_is_for_the_period_that_users_choose(template: Template) -> None:
    [plan] = template.of_type("AWS::ApiGateway::UsagePlan").values()
    assert plan["Quota"] == {"Limit": 1_000, "Period": "DAY"}


def test_account_whose_role_somebody_else_sets_is_left_alone(template: Template) -> None:
    assert not template.of_type("AWS::ApiGateway::Account")


COGNITO = "COGNITO_USER_POOLS"


class Search(msgspec.Struct):
    """A query with a field that is required."""

    text: str
    limit: int = 10


def test_routes_may_be_public_throttled_and_ask_for_parameters() -> None:
    app = App(analytics_reporting=False)
    stack = Stack(app, "Other")
    function = lambda_.Function(
        stack, "F", runtime=lambda_.Runtime.PYTHON_3_13, handler="f.f", code=lambda_.Code.from_inline("f = print")
    )
    shared = STAGES["dev"].shared
    throttle = Throttle(rate=3, burst=5)
    routes: list[Route[Any, Any, Any]] = [
        Route(
            method="GET", path="/things", operation="search", summary="", query=Search, scopes=None, throttle=throttle
        ),
        Route(method="DELETE", path="/things", operation="clear", summary=""),
    ]
    RestApi(
        stack,
        "Api",
        description="Things",
        routes=routes,
        function=function,
        users=Users(stack, "Users", UsersConfig(), shared),
        config=RestApiConfig(),
        shared=shared,
    )
    made = Template.of(app.synth().get_stack_by_name("Other").template)
    methods = {each["HttpMethod"]: each for each in made.of_type("AWS::ApiGateway::Method").values()}
    authorized = {name: each["AuthorizationType"] for name, each in methods.items()}
    assert authorized == {"GET": "NONE", "HEAD": "NONE", "DELETE": COGNITO, "ANY": COGNITO}
    assert {each["ApiKeyRequired"] for each in methods.values()} == {True}
    assert methods["GET"]["RequestParameters"] == {
        "method.request.querystring.text": True,
        "method.request.querystring.limit": False,
    }
    [stage] = made.of_type("AWS::ApiGateway::Stage").values()
    throttles = {
        f"{each['HttpMethod']} {each['ResourcePath']}": (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for each in stage["MethodSettings"]
    }
    assert throttles == {"* /*": (100, 200), "GET /~1things": (3, 5), "HEAD /~1things": (3, 5)}


# --- GraphQL --------------------------------------------------------------------------------------------------------


def test_graphql_is_for_users_of_the_apps_client(template: Template) -> None:
    [api] = template.of_type("AWS::AppSync::GraphQLApi").values()
    assert api["AuthenticationType"] == "AMAZON_COGNITO_USER_POOLS"
    assert "AdditionalAuthenticationProviders" not in api
    pool = api["UserPoolConfig"]
    assert (pool["UserPoolId"], pool["DefaultAction"]) == ("${MobileBackendUsersPool}", "ALLOW")
    assert pool["AppIdClientRegex"] == "${MobileBackendUsersPoolClient}"
    assert template.outputs["GraphqlUrl"] == "${MobileBackendGraphqlApi.GraphQLUrl}"


def test_every_operation_of_the_schema_is_answered_by_the_function_alone(template: Template) -> None:
    resolvers = template.of_type("AWS::AppSync::Resolver").values()
    assert {(each["TypeName"], each["FieldName"]) for each in resolvers} == {
        ("Query", "devices"),
        ("Query", "notifications"),
        ("Mutation", "registerDevice"),
        ("Mutation", "forgetDevice"),
        ("Mutation", "notify"),
    }
    for each in resolvers:
        assert not each.keys() & {"Code", "RequestMappingTemplate", "ResponseMappingTemplate"}
    [source] = template.of_type("AWS::AppSync::DataSource").values()
    assert source["LambdaConfig"] == {"LambdaFunctionArn": f"${{{GRAPHQL}.Arn}}"}


def test_graphql_function_is_told_and_may_do_what_the_api_function_is_and_may(template: Template) -> None:
    assert environment(template, GRAPHQL) == environment(template, "MobileBackendApiFunction")
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    rights = [
        {action: on for action, on in _rights(template, role).items() if action not in logs}
        for role in (API_ROLE, GRAPHQL_ROLE)
    ]
    assert rights[0] == rights[1]


def test_graphql_is_watched_by_what_its_function_writes_since_to_lambda_a_clients_fault_is_an_error_too(
    template: Template,
) -> None:
    prefix = "MobileBackendMonitoringGraphqlAlarms"
    alarms = template.of_type("AWS::CloudWatch::Alarm").items()
    watched = {
        name.removeprefix(prefix): (each["Namespace"], each["MetricName"], each["Dimensions"])
        for name, each in alarms
        if name.startswith(prefix)
    }
    told = environment(template, GRAPHQL)
    own = [{"Name": "service", "Value": told["SERVICE"]}]
    assert watched == {
        "BrokenFields": (told["METRICS_NAMESPACE"], FIELDS_BROKEN, own),
        "Unavailable": (told["METRICS_NAMESPACE"], UNAVAILABLE, own),
        "Throttles": ("AWS/Lambda", "Throttles", [{"Name": "FunctionName", "Value": f"${{{GRAPHQL}}}"}]),
    }


def test_appsync_logs_errors_to_a_group_that_forgets_without_what_was_sent(template: Template) -> None:
    [api] = template.of_type("AWS::AppSync::GraphQLApi").values()
    assert (api["LogConfig"]["FieldLogLevel"], api["LogConfig"]["ExcludeVerboseContent"]) == ("ERROR", True)
    group = template.properties("MobileBackendGraphqlLogs")
    assert group["LogGroupName"] == "/aws/appsync/apis/${MobileBackendGraphqlApi.ApiId}"
    assert group["RetentionInDays"] == 14


# --- users of another stack -----------------------------------------------------------------------------------------


def test_users_of_the_website_may_be_those_of_the_app(tmp_path: Path) -> None:
    templates = synthesize(replace(STAGES["dev"], mobile_backend_shares_users=True), tmp_path).templates
    mobile = templates["MobileBackend"]
    assert not mobile.of_type("AWS::Cognito::UserPool")
    [group] = mobile.of_type("AWS::Cognito::UserPoolGroup").values()
    assert "WebBackend" in json.dumps(group["UserPoolId"])
    assert environment(mobile, DIGEST)["USER_POOL_ID"] == group["UserPoolId"]
    assert "WebBackend" in json.dumps(sorted(_rights(mobile, DIGEST_ROLE)["cognito-idp:AdminGetUser"]))
