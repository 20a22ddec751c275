"""What to watch: answers that failed or took long, what the function waits for, and a dashboard."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from lambdas.common.http.metrics import PROBLEMS, REQUEST_TIME, REQUESTS, UNAVAILABLE
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, of_function
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy
from stacks.web_backend.config import WebBackendConfig

_PERCENTILES = ("p50", "p95", "p99")


class Monitoring(Construct):
    """Metrics of the gateway, the function and the items table; ``alarms`` holds the alarms."""

    def __init__(
        self,
        scope: Construct,
        shared: SharedPolicy,
        config: WebBackendConfig,
        *,
        function: lambda_.IFunction,
        api: apigateway.HttpApi,
        items: dynamodb.ITable,
    ) -> None:
        super().__init__(scope, "Monitoring")
        self._backend = scope
        self._function = function
        self._api = api
        self._items = items
        self.alarms = Alarms(self, "Alarms", shared)
        self._watch(config)
        self._dashboard()

    def _watch(self, config: WebBackendConfig) -> None:
        self.alarms.of_api_function(
            self._function,
            server_errors=self._api.metric_server_error(),
            latency=self._api.metric_integration_latency(),
            max_latency=Duration.millis(config.max_latency_ms),
        )
        unavailable = own_metric(self._backend, UNAVAILABLE, period=FIVE_MINUTES)
        self.alarms.above("Unavailable", unavailable, 0, "AWS calls failed, and clients were asked to come again")
        reason = "one user's items get more requests than a partition of the table takes"
        for kind, metric in self._throttles().items():
            self.alarms.above(f"Items{kind}Throttles", metric, 0, reason)

    def _throttles(self) -> dict[str, cloudwatch.Metric]:
        return {
            kind: self._items.metric(f"{kind}ThrottleEvents", statistic="Sum", period=FIVE_MINUTES)
            for kind in ("Read", "Write")
        }

    def _dashboard(self) -> None:
        """One screen: alarms first, then requests, times, the function, and the table."""
        dashboard(
            self,
            [self.alarms],
            [
                [self._requests(), self._times()],
                [of_function(self._function), self._limits()],
            ],
        )

    def _requests(self) -> cloudwatch.GraphWidget:
        own = [own_metric(self._backend, name) for name in (REQUESTS, PROBLEMS, UNAVAILABLE)]
        return chart(
            "Requests to the gateway and the function; those refused and failed on the right",
            [self._api.metric_count(statistic="Sum"), own[0]],
            [
                self._api.metric_client_error(statistic="Sum"),
                self._api.metric_server_error(statistic="Sum"),
                *own[1:],
            ],
        )

    def _times(self) -> cloudwatch.GraphWidget:
        return chart(
            "Milliseconds in the function, and in the gateway and all behind it",
            [
                *(own_metric(self._backend, REQUEST_TIME, statistic) for statistic in _PERCENTILES),
                *(self._api.metric_latency(statistic=statistic) for statistic in _PERCENTILES),
            ],
        )

    def _limits(self) -> cloudwatch.GraphWidget:
        conflicts = self._items.metric("TransactionConflict", statistic="Sum")
        return chart(
            "What the items table refused: throttled, or in conflict with another transaction",
            [*self._throttles().values(), conflicts],
        )
