"""What to watch: the API, each consumer's queue and function, what nobody got, and a dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.common.http.metrics import REQUEST_TIME, UNAVAILABLE
from lambdas.mobile_backend.contract import FIELDS_BROKEN, Metric
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, invocations, waiting
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.rest_api import RestApi
from stacks.mobile_backend.config import MobileBackendConfig
from stacks.mobile_backend.consumer import Consumer

_PERCENTILES = ("p50", "p99")


class Monitoring(Construct):
    """Metrics of the functions and of what stands between them.

    ``alarms`` holds those of the API, of ``graphql`` if there is one, of the way from them to the consumers, and of
    each consumer, by its name.
    """

    def __init__(
        self,
        scope: Construct,
        shared: SharedPolicy,
        config: MobileBackendConfig,
        *,
        api: RestApi,
        function: lambda_.IFunction,
        graphql: lambda_.IFunction | None,
        consumers: Sequence[Consumer],
        undeliverable: sqs.IQueue,
    ) -> None:
        super().__init__(scope, "Monitoring")
        self._backend = scope
        self._api = api
        self._functions = [function, *(each.function for each in consumers)]
        self._consumers = consumers
        self._undeliverable = undeliverable
        self.alarms = {
            name: Alarms(self, f"{name}Alarms", shared) for name in ("Api", "Delivery", *(c.node.id for c in consumers))
        }
        self.alarms["Api"].of_api_function(
            function,
            server_errors=api.stage.metric_server_error(),
            latency=api.stage.metric_latency(),
            max_latency=Duration.millis(config.max_latency_ms),
        )
        depth = waiting(undeliverable).with_(period=FIVE_MINUTES)
        reason = "notifications could not be put into a consumer's queue and wait, whole, in a queue of their own"
        self.alarms["Delivery"].above("Undeliverable", depth, 0, reason)
        failed = self.metric(Metric.FAILED).with_(period=FIVE_MINUTES)
        reason = "notifications could not be handled and come again: the logs say which and why"
        self.alarms["Delivery"].above("FailedMessages", failed, 0, reason)
        for each in consumers:
            self.alarms[each.node.id].of_queue_function(each.function, each.queue, each.dead_letters)
        if graphql:
            self._watch_graphql(graphql, Alarms(self, "GraphqlAlarms", shared))
        self._dashboard()

    def _watch_graphql(self, function: lambda_.IFunction, alarms: Alarms) -> None:
        """By its own metrics: to Lambda all that a client is told of is an error, what the client did wrong as well."""
        self.alarms["Graphql"] = alarms
        self._functions.append(function)
        throttles = function.metric_throttles(period=FIVE_MINUTES)
        alarms.above("Throttles", throttles, 0, "fields found no concurrency left; clients were told of an error")
        broken = self.metric(FIELDS_BROKEN).with_(period=FIVE_MINUTES)
        alarms.above("BrokenFields", broken, 0, "fields were answered 500: look for the reason in the logs")
        unavailable = self.metric(UNAVAILABLE).with_(period=FIVE_MINUTES)
        alarms.above("Unavailable", unavailable, 0, "AWS let requests down: look for the reason in the logs")

    def metric(self, name: str, statistic: str = "Sum") -> cloudwatch.Metric:
        """One of the functions' own metrics."""
        return own_metric(self._backend, name, statistic)

    def _dashboard(self) -> None:
        """One screen: alarms first, then requests, what became of notifications, the queues, and the functions."""
        dashboard(
            self,
            self.alarms.values(),
            [
                [self._requests(), self._latency()],
                [self._notifications(), self._failures()],
                [self._queues(), invocations(self._functions)],
            ],
        )

    def _requests(self) -> cloudwatch.GraphWidget:
        stage = self._api.stage
        return chart(
            "Requests; those answered 400 to 499, 500 to 599, and that AWS let down on the right",
            [stage.metric_count()],
            [stage.metric_client_error(), stage.metric_server_error(), self.metric(UNAVAILABLE)],
        )

    def _latency(self) -> cloudwatch.GraphWidget:
        gateway = [self._api.stage.metric_latency(statistic=each) for each in _PERCENTILES]
        function = [self.metric(REQUEST_TIME, each) for each in _PERCENTILES]
        return chart("Milliseconds per request, as clients see it and in the function", [*gateway, *function])

    def _notifications(self) -> cloudwatch.GraphWidget:
        told = (Metric.PUSHED, Metric.MAILED)
        untold = (Metric.DEVICES_GONE, Metric.DEVICES_WITHOUT_PUSH, Metric.NO_ADDRESS)
        return chart(
            "Messages handled, banners and mails sent; devices and addresses that there are not on the right",
            [self.metric(name) for name in (Metric.HANDLED, *told)],
            [self.metric(name) for name in untold],
        )

    def _failures(self) -> cloudwatch.GraphWidget:
        letters = [waiting(each.dead_letters) for each in self._consumers]
        return chart(
            "Messages that failed and come again; those that failed for good on the right",
            [self.metric(Metric.FAILED)],
            [*letters, waiting(self._undeliverable)],
        )

    def _queues(self) -> cloudwatch.GraphWidget:
        return chart(
            "Messages that wait; seconds of the oldest on the right",
            [waiting(each.queue) for each in self._consumers],
            [each.queue.metric_approximate_age_of_oldest_message(statistic="Maximum") for each in self._consumers],
        )
