"""HTTP APIs whose routes are those of a slice's contract."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from lambdas.common.http.routes import AnyRoute, Throttle
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.users import Users

STAGE = "api"
"""Name of the one stage, and so the first step of every path: ``/api/items``."""

TIMEOUT_SECONDS = 30
"""After which the gateway answers by itself ("Quotas for HTTP APIs", API Gateway Developer Guide)."""

_LOGGED = {
    "request_id": "$context.requestId",
    "function_request_id": "$context.awsEndpointRequestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "user_id": "$context.authorizer.claims.sub",
    "route_key": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "integration_error": "$context.integrationErrorMessage",
    "authorizer_error": "$context.authorizer.error",
    "error": "$context.error.message",
}
"""Of every request, by "Logging variables for HTTP API access logs" (API Gateway Developer Guide). Behind CloudFront
the address is that of its server."""

_PUBLIC = "the contract lets everybody in here, by a route without scopes"
_SYNCHRONOUS = "clients wait for its answers, and send again what failed: there are no events to be kept"


@dataclass(frozen=True, kw_only=True)
class HttpApiConfig:
    """What is taken of all clients together.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    throttle: Throttle = Throttle(rate=500, burst=1_000)
    """Of each route that has none of its own. All APIs of an account share 10,000 requests a second."""

    def __post_init__(self) -> None:
        for name, most in (("rate", self.throttle.rate), ("burst", self.throttle.burst)):
            if most < 1:
                raise ValueError(f"throttle: {name} of {most} lets nobody in: set at least 1")


class HttpApi(Construct):
    """An API of one function; ``routes`` say what it answers, and to whom. Other stacks may add routes of their own.

    A path's other methods get to the function as well, by ``ANY``, so that it can name those that there are: the
    gateway itself would answer 404. ``released`` is the alias that takes the requests, where a controller releases the
    function's versions.

    Attributes are L2 constructs, but for the stage: ``api``, ``stage``, ``logs``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        routes: Sequence[AnyRoute],
        function: lambda_.Function,
        released: lambda_.Alias | None = None,
        users: Users,
        config: HttpApiConfig,
        shared: SharedPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = apigateway.HttpApi(self, "Api", create_default_stage=False, description=description)
        self.logs = logs.LogGroup(self, "Logs", retention=shared.log_retention, removal_policy=shared.removal_policy)
        self._authorizer = authorizers.HttpJwtAuthorizer(
            "Users", users.issuer, jwt_audience=[users.client.user_pool_client_id]
        )
        acknowledge(function, {"Serverless-LambdaDLQ": _SYNCHRONOUS})
        made = self._routes(self, routes, released or function)
        self.stage = self._stage(config.throttle, routes)
        # It throttles routes, which have to be there.
        self.stage.node.add_dependency(*made)

    @property
    def domain_name(self) -> str:
        """Host of the API."""
        stack = Stack.of(self)
        return f"{self.api.api_id}.execute-api.{stack.region}.{stack.url_suffix}"

    def url(self, emulator: str | None) -> str:
        """Where the paths of routes begin; in an emulator the host is its own."""
        origin = f"{emulator}/_aws/execute-api/{self.api.api_id}" if emulator else f"https://{self.domain_name}"
        return f"{origin}/{STAGE}"

    def add_routes(self, scope: Construct, routes: Sequence[AnyRoute], function: lambda_.Function) -> None:
        """Adds routes of another stack's function, in that stack, which so depends on this one, and not both ways.

        The stage deploys them by itself. It throttles them as it does by default: its settings name routes of its own
        stack alone, since those of others are not there yet when it is made.

        Raises:
            ValueError: a route has a throttle of its own.
        """
        throttled = [each.operation for each in routes if each.throttle]
        if throttled:
            raise ValueError(
                f"routes of {scope.node.path} cannot have throttles, which stand in the stage of another stack: take "
                f"them away from {', '.join(throttled)}"
            )
        acknowledge(function, {"Serverless-LambdaDLQ": _SYNCHRONOUS})
        self._routes(scope, routes, function)

    def _routes(
        self, scope: Construct, routes: Sequence[AnyRoute], function: lambda_.IFunction
    ) -> list[apigateway.HttpRoute]:
        # One permission for the whole API: a function's policy holds 20 KB, and routes with one each would fill it.
        integration = integrations.HttpLambdaIntegration("Function", function, scope_permission_to_route=False)
        made = [self._route(scope, key, each.scopes, integration) for each in routes for key in each.keys]
        for path, scopes in scopes_by_path(routes).items():
            made.append(self._route(scope, f"ANY {path}", scopes, integration))
        return made

    def _route(
        self,
        scope: Construct,
        key: str,
        scopes: Sequence[str] | None,
        integration: integrations.HttpLambdaIntegration,
    ) -> apigateway.HttpRoute:
        method, path = key.split(" ")
        route = apigateway.HttpRoute(
            scope,
            "".join(word.title() for word in re.findall(r"[A-Za-z0-9]+", key)),
            http_api=self.api,
            route_key=apigateway.HttpRouteKey.with_(path, apigateway.HttpMethod[method]),
            integration=integration,
            authorizer=apigateway.HttpNoneAuthorizer() if scopes is None else self._authorizer,
            authorization_scopes=None if scopes is None else list(scopes),
        )
        if scopes is None:
            acknowledge(route, {"AwsSolutions-APIG4": _PUBLIC})
        return route

    def _stage(self, throttle: Throttle, routes: Sequence[AnyRoute]) -> apigateway.CfnStage:
        """As L1: the L2 has no throttles of routes.

        A route's settings take the place of the stage's as a whole, detailed metrics included.
        """
        return apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name=STAGE,
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=throttle.rate,
                throttling_burst_limit=throttle.burst,
                detailed_metrics_enabled=True,
            ),
            route_settings={key: _settings(each.throttle) for each in routes if each.throttle for key in each.keys},
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                # Without the asterisk that a log group's own ARN ends in, and the gateway's settings do not.
                destination_arn=Stack.of(self).format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=self.logs.log_group_name,
                    arn_format=ArnFormat.COLON_RESOURCE_NAME,
                ),
                format=json.dumps(_LOGGED),
            ),
        )


def _settings(throttle: Throttle) -> dict[str, Any]:
    """As CloudFormation names them: of routes the CDK does not know."""
    return {
        "ThrottlingRateLimit": throttle.rate,
        "ThrottlingBurstLimit": throttle.burst,
        "DetailedMetricsEnabled": True,
    }


def scopes_by_path(routes: Sequence[AnyRoute]) -> dict[str, list[str] | None]:
    """Of which a token needs one to be told a path's methods; None where all of its routes let in everybody."""
    paths: dict[str, list[str] | None] = {}
    for route in routes:
        known = paths.setdefault(route.path, None)
        if route.scopes is not None:
            paths[route.path] = sorted({*(known or ()), *route.scopes})
    return paths
