"""Alarms and the topic that they are sent to."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import WORK_DAYS
from stacks.blocks.stream_source import StreamSource

TOPIC_ID = "AlarmTopic"

FIVE_MINUTES = Duration.minutes(5)


class Alarms(Construct):
    """Alarms of one construct, by name; they mail to the stage's address where it has one."""

    def __init__(self, scope: Construct, construct_id: str, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id)
        self.by_name: dict[str, cloudwatch.Alarm] = {}
        self._action = actions.SnsAction(_topic(Stack.of(self), shared.alarm_email)) if shared.alarm_email else None

    def above(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        description: str,
        *,
        periods: int = 1,
        silence: bool = False,
    ) -> cloudwatch.Alarm:
        """An alarm while ``metric`` exceeds ``threshold`` over one of its last ``periods``.

        No data is no alarm, unless ``silence`` is to be one.
        """
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=1 if periods > 1 else None,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING
            if silence
            else cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=description,
        )
        if self._action:
            alarm.add_alarm_action(self._action)
        self.by_name[name] = alarm
        return alarm

    def of_asynchronous_function(self, function: lambda_.IFunction, failures: sqs.IQueue) -> None:
        """What can go wrong between an asynchronous event source and the failure queue."""
        self.of_invocations(function)
        self.of_destination(function)
        depth = failures.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
        self.above("FailureQueueDepth", depth, 0, "events failed for good and wait, whole, in the failure queue")

    def of_destination(self, function: lambda_.IFunction) -> None:
        """What becomes of events that an asynchronous function failed on."""
        dropped = function.metric("AsyncEventsDropped", period=FIVE_MINUTES, statistic="Sum")
        self.above("DroppedEvents", dropped, 0, "events were given up; the failure queue holds them")
        lost = function.metric("DestinationDeliveryFailures", period=FIVE_MINUTES, statistic="Sum")
        self.above("LostEvents", lost, 0, "events were given up and could not be put into the failure queue either")

    def of_stream_function(self, function: lambda_.IFunction, source: StreamSource, max_age: Duration) -> None:
        """What can go wrong between a stream and the failure bucket."""
        self.of_invocations(function)
        age = function.metric("IteratorAge", period=FIVE_MINUTES, statistic="Maximum")
        reason = "records wait longer than they should: look for errors and throttles, else take more shards or memory"
        self.above("IteratorAge", age, max_age.to_milliseconds(), reason)
        self.above("RecordsGivenUp", source.given_up, 0, "records failed for good; the failure bucket holds them whole")
        self.above("LostRecords", source.lost, 0, "records were given up and did not get to the failure bucket either")
        undelivered = function.metric("DestinationDeliveryFailures", period=FIVE_MINUTES, statistic="Sum")
        self.above("FailedDeliveries", undelivered, 0, "a batch that was given up could not be put into a bucket")

    def of_queue_function(self, function: lambda_.IFunction, queue: sqs.IQueue, dead_letters: sqs.IQueue) -> None:
        """What can go wrong between a queue of work and its dead-letter queue."""
        self.of_invocations(function)
        age = queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES, statistic="Maximum")
        most = Duration.days(WORK_DAYS // 2).to_seconds()
        self.above("WaitingWork", age, most, "messages wait half as long as the queue keeps them: allow more at a time")
        depth = dead_letters.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
        self.above("DeadLetters", depth, 0, "messages failed for good and wait, whole, in the dead-letter queue")

    def of_scheduled_function(self, function: lambda_.IFunction, undelivered: sqs.IQueue) -> None:
        """What can go wrong between a schedule and the end of a run."""
        self.of_invocations(function, "the next run does their work")
        depth = undelivered.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
        self.above("Undelivered", depth, 0, "runs did not begin: the queue says why, and is to be emptied afterwards")

    def of_api_function(
        self,
        function: lambda_.IFunction,
        *,
        server_errors: cloudwatch.Metric,
        latency: cloudwatch.Metric,
        max_latency: Duration,
    ) -> None:
        """What clients of an API suffer from; both metrics are the gateway's."""
        self.of_invocations(function, "clients were answered 500 or above")
        errors = server_errors.with_(period=FIVE_MINUTES, statistic="Sum")
        self.above("ServerErrors", errors, 0, "requests were answered 500 or above: look for the reason in the logs")
        slowest = latency.with_(period=FIVE_MINUTES, statistic="p99")
        reason = "one request in a hundred takes longer than it should: look at traces, else give the function memory"
        self.above("Latency", slowest, max_latency.to_milliseconds(), reason)

    def of_invocations(self, function: lambda_.IFunction, then: str = "they are retried") -> None:
        """What can go wrong with any function; ``then`` says what comes of what failed."""
        self.above("Errors", function.metric_errors(period=FIVE_MINUTES), 0, f"invocations failed; {then}")
        throttles = function.metric_throttles(period=FIVE_MINUTES)
        self.above("Throttles", throttles, 0, f"invocations found no concurrency left; {then}")


def _topic(stack: Stack, email: str) -> sns.Topic:
    existing = stack.node.try_find_child(TOPIC_ID)
    if isinstance(existing, sns.Topic):
        return existing
    topic = sns.Topic(stack, TOPIC_ID, enforce_ssl=True)
    # A topic with a policy, here TLS only, loses the default one, by which alarms of its account may publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )
    subscription = topic.add_subscription(subscriptions.EmailSubscription(email))
    reason = "when a mail fails, the alarm's state and history are still in CloudWatch"
    acknowledge(subscription, {"Serverless-SNSRedrivePolicy": reason})
    return topic
