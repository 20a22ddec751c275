"""What to watch: what did not get to the functions, what they refused, the releases, and a dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from lambdas.common.http.metrics import UNAVAILABLE
from lambdas.iot_backend.contract import Metric
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, waiting
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.topic_rule import rule_metric

if TYPE_CHECKING:
    from stacks.iot_backend.config import IotBackendConfig
    from stacks.iot_backend.construct import IotBackend

_WATCHED = {
    Metric.PRESSES_REFUSED: "somebody pressed who may not, or when it was no use: the history tells who and why",
    Metric.ROLLED_BACK: "a release was taken back",
    Metric.GIVEN_UP: "a release ended because somebody else had moved the alias, or Lambda did not take it as decided",
    Metric.ALIAS_MOVED: "somebody else than the release controller moved the alias: a forced release takes it over",
}


class Monitoring(Construct):
    """Metrics of the functions and of the rules before them; ``alarms`` holds the alarms, by what they are of."""

    def __init__(self, backend: IotBackend, config: IotBackendConfig, shared: SharedPolicy) -> None:
        super().__init__(backend, "Monitoring")
        self._backend = backend
        self._functions = _functions(backend)
        self.alarms = {
            name: Alarms(self, f"{name}Alarms", shared)
            for name in ("Telemetry", "Press", "Advance", "Releases", *self._functions)
        }
        self._watch_events()
        if config.rule_alarms:
            self._watch_rules()
        self._watch_releases()
        self._dashboard()

    def metric(self, name: str) -> cloudwatch.Metric:
        """One of the functions' own metrics."""
        return own_metric(self._backend, name)

    def _watch_events(self) -> None:
        telemetry, buttons, releases = self._backend.telemetry, self._backend.buttons, self._backend.releases
        self.alarms["Telemetry"].of_asynchronous_function(telemetry.function, telemetry.failures)
        self.alarms["Press"].of_asynchronous_function(buttons.function, buttons.failures)
        self.alarms["Advance"].of_asynchronous_function(releases.function, releases.failures)

    def _watch_rules(self) -> None:
        telemetry, buttons = self._backend.telemetry, self._backend.buttons
        for name, rule in (("Telemetry", telemetry.rule), ("Press", buttons.rule)):
            reason = "messages did not get to their function: they wait under undelivered/ in the quarantine bucket"
            self.alarms[name].above("UndeliveredMessages", rule_metric(rule, "Failure"), 0, reason)
        kept = rule_metric(telemetry.foreign, "Success")
        reason = "somebody told readings in the name of another device: foreign/ in the quarantine bucket has them"
        self.alarms["Telemetry"].above("ForeignMessages", kept, 0, reason)

    def _watch_releases(self) -> None:
        releases, alarms = self._backend.releases, self.alarms["Releases"]
        for metric, reason in _WATCHED.items():
            alarms.above(metric.value, self.metric(metric).with_(period=FIVE_MINUTES), 0, reason)
        for name, queue in (("Steps", releases.undelivered), ("Sweeps", releases.sweep.undelivered)):
            depth = waiting(queue).with_(period=FIVE_MINUTES)
            alarms.above(
                f"Undelivered{name}", depth, 0, "schedules could not invoke the controller: the queue says why"
            )
        for name, function in self._functions.items():
            self.alarms[name].of_invocations(function, "whoever asked was told of an error, and may ask again")

    def _dashboard(self) -> None:
        """One screen: alarms first, then messages, releases, the functions, and what waits."""
        dashboard(
            self,
            self.alarms.values(),
            [
                [self._messages(), self._releases()],
                [self._invocations(), self._queues()],
            ],
            others=[self._backend.releases.target.alarm],
        )

    def _messages(self) -> cloudwatch.GraphWidget:
        told = (Metric.MESSAGES, Metric.ACCEPTED, Metric.LATE, Metric.FORWARDED)
        return chart(
            "Messages of devices, and readings forwarded; messages rejected, and alerts, on the right",
            [self.metric(name) for name in told],
            [self.metric(name) for name in (Metric.REJECTED, Metric.ALERTS)],
        )

    def _releases(self) -> cloudwatch.GraphWidget:
        ended = (Metric.STARTED, Metric.PROMOTED, Metric.ROLLED_BACK, Metric.GIVEN_UP)
        return chart(
            "Releases that began and how they ended; presses, those refused, and moved aliases on the right",
            [self.metric(name) for name in ended],
            [self.metric(name) for name in (Metric.PRESSES, Metric.PRESSES_REFUSED, Metric.ALIAS_MOVED)],
        )

    def _invocations(self) -> cloudwatch.GraphWidget:
        backend = self._backend
        events = (backend.telemetry.function, backend.buttons.function, backend.releases.function)
        functions: Sequence[lambda_.IFunction] = (*events, *self._functions.values())
        return chart(
            "Invocations; errors, throttles, and requests that AWS let down on the right",
            [each.metric_invocations() for each in functions],
            [
                *(metric for each in functions for metric in (each.metric_errors(), each.metric_throttles())),
                self.metric(UNAVAILABLE),
            ],
        )

    def _queues(self) -> cloudwatch.GraphWidget:
        backend = self._backend
        failures = (backend.telemetry.failures, backend.buttons.failures, backend.releases.failures)
        return chart(
            "Events that failed for good; steps and sweeps that no function got on the right",
            [waiting(each) for each in failures],
            [waiting(each) for each in (backend.releases.undelivered, backend.releases.sweep.undelivered)],
        )


def _functions(backend: IotBackend) -> dict[str, lambda_.IFunction]:
    """Those that somebody waits for."""
    both = {"Voice": backend.voice, "Http": backend.http}
    return {name: each.function for name, each in both.items() if each}
