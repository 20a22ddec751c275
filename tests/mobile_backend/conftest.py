"""The slice's tables, topic, queues, users and secret in an in-memory AWS, and the functions wired to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.common import clients
from lambdas.mobile_backend import api, audit, digest, graphql, push
from lambdas.mobile_backend.contract import (
    CHANNELS_ATTRIBUTE,
    ENTRY,
    NOTIFICATION_ID,
    RECIPIENT,
    USER_ID,
    ApiSettings,
    AuditSettings,
    DigestSettings,
    Limits,
    PlatformApplications,
    PushSettings,
)
from tests.events.api_gateway import rest_api_event
from tests.mobile_backend.builders import ALICE, Reply
from tests.stream_analytics.conftest import create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

FILTERS = {"push": {CHANNELS_ATTRIBUTE: ["push"]}, "email": {CHANNELS_ATTRIBUTE: ["email"]}, "audit": None}
"""Filter policies of the queues' subscriptions."""


class Context:
    aws_request_id = "request-1"


@dataclass
class Cloud:
    """What the stack makes, with what tests ask of it."""

    dynamodb: DynamoDBClient
    sns: SNSClient
    sqs: SQSClient
    secrets: SecretsManagerClient
    user_pool_id: str
    topic_arn: str
    secret_arn: str
    queues: dict[str, str]
    """URL of each consumer's queue."""
    applications: PlatformApplications

    def call(
        self,
        route_key: str,
        body: Any = None,
        *,
        user_id: str = ALICE,
        groups: str | None = None,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Sends a request through the API function."""
        event = rest_api_event(
            route_key,
            parameters=parameters,
            query=query,
            headers=headers,
            body=None if body is None else json.dumps(body),
            user_id=user_id,
            claims={"cognito:groups": groups} if groups else None,
        )
        return Reply.of(api.handler(event, Context()))

    def items(self, table: str) -> list[dict[str, Any]]:
        """Everything in a table, in DynamoDB's low-level form."""
        return list(self.dynamodb.scan(TableName=table)["Items"])

    def waiting(self, queue: str) -> list[str]:
        """Bodies of the messages that a consumer's queue holds; takes them out."""
        found = self.sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10)
        return [message["Body"] for message in found.get("Messages", [])]


_client = cache(boto3.client)
"""Making one takes longer than most tests; those of functions and tests are the same."""


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS in memory that has nothing yet."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(boto3, "client", _client)
    monkeypatch.setattr(clients, "client", lambda service, _: _client(service))
    with mock_aws():
        yield


@pytest.fixture
def user_pool_id(aws: None) -> str:
    """Of no pool: making one takes long, and none but the tests of mails look into it."""
    del aws
    return "us-east-1_nobody"


@pytest.fixture
def cloud(aws: None, user_pool_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Nothing registered, nobody told, push by both platforms; and functions that start anew."""
    del aws
    cloud = _made(user_pool_id)
    for name, value in _environment(cloud).items():
        monkeypatch.setenv(name, value)
    start_anew()
    yield cloud
    start_anew()


def start_anew() -> None:
    """Functions read their environment again."""
    for function in (api, push, digest, audit, graphql):
        function.runtime.cache_clear()


def _environment(cloud: Cloud) -> dict[str, str]:
    told: Any = {"service": "Mobile", "metrics_namespace": "Test"}
    tables: Any = {"devices_table_name": "devices"}
    settings = (
        ApiSettings(
            **told,
            **tables,
            audit_table_name="audit",
            topic_arn=cloud.topic_arn,
            platform_applications=cloud.applications,
            limits=Limits(max_devices=3),
        ),
        PushSettings(**told, **tables),
        DigestSettings(**told, **tables, user_pool_id=cloud.user_pool_id, mail_secret_arn=cloud.secret_arn),
        AuditSettings(**told, audit_table_name="audit"),
    )
    return {name: value for each in settings for name, value in each.to_env().items()}


def _made(user_pool_id: str) -> Cloud:
    sns, sqs, secrets = boto3.client("sns"), boto3.client("sqs"), boto3.client("secretsmanager")
    topic_arn = sns.create_topic(Name="notifications")["TopicArn"]
    cloud = Cloud(
        dynamodb=boto3.client("dynamodb"),
        sns=sns,
        sqs=sqs,
        secrets=secrets,
        user_pool_id=user_pool_id,
        topic_arn=topic_arn,
        secret_arn=secrets.create_secret(Name="mail-provider", SecretString='{"url":"","api_key":"x"}')["ARN"],
        queues={name: _subscribed(sns, sqs, topic_arn, name) for name in FILTERS},
        applications=PlatformApplications(apns=_application(sns, "APNS"), fcm=_application(sns, "GCM")),
    )
    create_table(cloud.dynamodb, "devices", (USER_ID, ENTRY))
    create_table(cloud.dynamodb, "audit", (RECIPIENT, NOTIFICATION_ID))
    return cloud


def _application(sns: SNSClient, platform: str) -> str:
    return sns.create_platform_application(Name="app", Platform=platform, Attributes={})["PlatformApplicationArn"]


def _subscribed(sns: SNSClient, sqs: SQSClient, topic_arn: str, name: str) -> str:
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"RawMessageDelivery": "true"}
    if policy := FILTERS[name]:
        attributes["FilterPolicy"] = json.dumps(policy)
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url
