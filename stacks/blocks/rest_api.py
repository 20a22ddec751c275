"""REST APIs whose resources and methods are those of a slice's contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from aws_cdk import Size, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from lambdas.common.http.routes import AnyRoute, Throttle
from stacks.blocks.account_logs import account_log_role
from stacks.blocks.api_domain import Domain, own_domain
from stacks.blocks.fields import Positive, check_fields
from stacks.blocks.firewall import Firewall
from stacks.blocks.gateway_models import draft_4
from stacks.blocks.gateway_problems import answer_with_problems
from stacks.blocks.http_api import scopes_by_path
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.users import Users

STAGE = "v1"
"""Name of the one stage, and so the first step of every path: ``/v1/devices``."""

TIMEOUT_SECONDS = 29
"""After which the gateway answers by itself ("Amazon API Gateway quotas", API Gateway Developer Guide)."""

_COMPRESSED_BYTES = 1024
"""Length of answers from which on clients that ask for it get them compressed."""

_LOGGED = {
    "request_id": "$context.requestId",
    "function_request_id": "$context.awsEndpointRequestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "user_id": "$context.authorizer.claims.sub",
    "api_key_id": "$context.identity.apiKeyId",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "path": "$context.path",
    "status": "$context.status",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "integration_error": "$context.integrationErrorMessage",
    "error": "$context.error.responseType",
    "waf_status": "$context.wafResponseCode",
}
"""Of every request, by "$context variables for API Gateway access logging" (API Gateway Developer Guide)."""

_SYNCHRONOUS = "clients wait for its answers, and send again what failed: there are no events to be kept"
_NO_EXECUTION_LOGS = (
    "access logs, the function's logs and traces tell of every request; execution logs would tell what is in them, too"
)
_PUBLIC = "the contract lets everybody in here who has the API key, by a route without scopes"
_NO_FIREWALL = "the firewall is paid for by the month, rule and request; the config switches it on"


class Period(StrEnum):
    """How long a quota is for; days begin at midnight UTC."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class RestApiConfig:
    """What is taken of clients, and how they reach the API.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    throttle: Throttle = Throttle(rate=100, burst=200)
    """Of the app's key, over all methods. All APIs of an account share 10,000 requests a second."""
    quota: Positive | None = 10_000_000
    """Requests of the app's key in a period, counted roughly: what the API can cost at the most, since a million
    requests are 3.50 dollars. None has no end."""
    quota_period: Period = Period.MONTH
    domain: Domain | None = None
    waf: bool = False
    """A firewall, see `Firewall` for what it costs."""
    sets_account_log_role: bool = True
    """API Gateway writes logs with one role per account and region, without which it makes no stage that has them. This
    stack sets it, and leaves it when it goes, for other APIs use it then. False where somebody else sets it."""

    def __post_init__(self) -> None:
        check_fields(self)


class RestApi(Construct):
    """An API of one function; ``routes`` say what it answers, and to whom. All of it needs the app's API key.

    Bodies are held against their models before they get to the function. A path's other methods get to it as well, by
    ``ANY``, so that it can name those that there are.

    Attributes are L2 constructs: ``api``, ``stage``, ``key``, ``logs``, ``domain`` (None without one of one's own).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        routes: Sequence[AnyRoute],
        function: lambda_.Function,
        users: Users,
        config: RestApiConfig,
        shared: SharedPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.logs = logs.LogGroup(self, "Logs", retention=shared.log_retention, removal_policy=shared.removal_policy)
        self.api = self._api(description, routes, config)
        # Outputs are made by stacks.
        self.api.node.try_remove_child("Endpoint")
        self.stage = self.api.deployment_stage
        answer_with_problems(self.api)
        # One permission for the whole API: a function's policy holds 20 KB, and methods with one each would fill it.
        self._integration = apigateway.LambdaIntegration(function, scope_permission_to_method=False)
        acknowledge(function, {"Serverless-LambdaDLQ": _SYNCHRONOUS})
        self._authorizer = apigateway.CognitoUserPoolsAuthorizer(self, "Users", cognito_user_pools=[users.pool])
        self._validator = self.api.add_request_validator(
            "Validator", validate_request_body=True, validate_request_parameters=True
        )
        for route in routes:
            self._methods_of(route)
        for path, scopes in scopes_by_path(routes).items():
            self._method("ANY", path, scopes)
        self.key = self._key(config)
        self.domain = own_domain(self, config.domain, self.api, self.stage) if config.domain else None
        self._watch_over(self.stage, config)

    @property
    def url(self) -> str:
        """Of the API, with a slash at its end."""
        return f"https://{self.domain.domain_name}/" if self.domain else self.api.url

    def _api(self, description: str, routes: Sequence[AnyRoute], config: RestApiConfig) -> apigateway.RestApi:
        throttled = {f"{each.path}/{key.split()[0]}": each.throttle for each in routes for key in each.keys}
        return apigateway.RestApi(
            self,
            "Api",
            # Metrics are by name: those of two APIs that have the same could not be told apart.
            rest_api_name=Stack.of(self).stack_name,
            description=description,
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # What knows the firewall, and the certificate, is the domain.
            disable_execute_api_endpoint=config.domain is not None,
            min_compression_size=Size.bytes(_COMPRESSED_BYTES),
            cloud_watch_role=False,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                throttling_rate_limit=config.throttle.rate,
                throttling_burst_limit=config.throttle.burst,
                method_options={
                    key: apigateway.MethodDeploymentOptions(
                        throttling_rate_limit=throttle.rate, throttling_burst_limit=throttle.burst
                    )
                    for key, throttle in throttled.items()
                    if throttle
                },
                metrics_enabled=True,
                tracing_enabled=True,
                access_log_destination=apigateway.LogGroupLogDestination(self.logs),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_LOGGED)),
            ),
        )

    def _methods_of(self, route: AnyRoute) -> None:
        parameters = {f"method.request.path.{name}": True for name in route.names}
        parameters |= {
            f"method.request.querystring.{each.encode_name}": each.required
            for each in msgspec.structs.fields(route.query)
        }
        for key in route.keys:
            self._method(
                key.split()[0],
                route.path,
                route.scopes,
                request_parameters=parameters,
                # Of other media types nothing is held against it: the function says which one it takes.
                request_models={"application/json": self._model(route)} if route.takes_body else None,
            )

    def _method(self, method: str, path: str, scopes: Sequence[str] | None, **requirements: Any) -> None:
        made = self.api.root.resource_for_path(path).add_method(
            method,
            self._integration,
            api_key_required=True,
            request_validator=self._validator,
            authorizer=None if scopes is None else self._authorizer,
            authorization_scopes=None if scopes is None else list(scopes),
            **requirements,
        )
        if scopes is None:
            acknowledge(made, {"AwsSolutions-APIG4": _PUBLIC, "AwsSolutions-COG4": _PUBLIC})

    def _model(self, route: AnyRoute) -> apigateway.IModel:
        """As L1, which takes a schema as it is."""
        name = "".join(word.title() for word in route.operation.split("_"))
        schema = draft_4(route.body)
        model = apigateway.CfnModel(
            self, f"{name}Model", rest_api_id=self.api.rest_api_id, content_type="application/json", schema=schema
        )
        if deployment := self.api.latest_deployment:
            deployment.add_to_logical_id(schema)
            deployment.node.add_dependency(model)
        return apigateway.Model.from_model_name(self, name, model.ref)

    def _key(self, config: RestApiConfig) -> apigateway.IApiKey:
        plan = self.api.add_usage_plan(
            "Plan",
            throttle=apigateway.ThrottleSettings(rate_limit=config.throttle.rate, burst_limit=config.throttle.burst),
            quota=apigateway.QuotaSettings(limit=config.quota, period=apigateway.Period[config.quota_period.name])
            if config.quota
            else None,
        )
        plan.add_api_stage(stage=self.stage)
        key = self.api.add_api_key("Key")
        plan.add_api_key(key)
        return key

    def _watch_over(self, stage: apigateway.Stage, config: RestApiConfig) -> None:
        acknowledge(stage, {"AwsSolutions-APIG6": _NO_EXECUTION_LOGS})
        if config.sets_account_log_role:
            stage.node.add_dependency(account_log_role(self))
        if config.waf:
            Firewall(self, "Firewall", stage_arn=stage.stage_arn)
        else:
            acknowledge(stage, {"AwsSolutions-APIG3": _NO_FIREWALL})
