"""Mobile and microservices: a REST API takes notifications, a topic hands them to three functions."""

from __future__ import annotations

import json
from typing import TypedDict

from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from lambdas.mobile_backend.contract import (
    ENTRY,
    EXPIRES_AT,
    NOTIFICATION_ID,
    NOTIFIERS,
    RECIPIENT,
    USER_ID,
    ApiSettings,
    AuditSettings,
    DigestSettings,
    MailProvider,
    PushSettings,
)
from lambdas.mobile_backend.contract.models import Channel
from lambdas.mobile_backend.contract.routes import ROUTES
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import failure_queue
from stacks.blocks.rest_api import RestApi
from stacks.blocks.table import on_demand_table
from stacks.blocks.topic import encrypted_topic
from stacks.blocks.users import Users
from stacks.mobile_backend.config import MobileBackendConfig
from stacks.mobile_backend.consumer import Consumer
from stacks.mobile_backend.graphql import Graphql
from stacks.mobile_backend.monitoring import Monitoring
from stacks.mobile_backend.platforms import pushing, registering

_NO_ROTATION = "the key is the mail provider's: people get a new one there and put it here, and the function follows"


class _Told(TypedDict):
    """What all functions are told."""

    service: str
    metrics_namespace: str


class MobileBackend(Construct):
    """Registers devices and notifies users; see docs/mobile_backend.md.

    ``users`` are those of another API; without them the backend has a user pool of its own.

    Attributes are L2 constructs, or constructs of them: ``users``, ``notifiers``, ``devices``, ``audit_trail``,
    ``topic``, ``undeliverable``, ``mail_provider``, ``push``, ``digest``, ``audit``, ``function``, ``api``, ``graphql``
    (None unless configured), ``monitoring``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: MobileBackendConfig,
        shared: SharedPolicy,
        users: Users | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._shared = shared
        self.users = users or Users(self, "Users", config.users, shared)
        self.notifiers = cognito.UserPoolGroup(
            self,
            "Notifiers",
            user_pool=self.users.pool,
            group_name=NOTIFIERS,
            description="May notify others than themselves",
        )
        self.devices = on_demand_table(
            self, "Devices", shared, partition_key=USER_ID, sort_key=ENTRY, time_to_live=EXPIRES_AT
        )
        self.audit_trail = on_demand_table(
            self, "AuditTrail", shared, partition_key=RECIPIENT, sort_key=NOTIFICATION_ID
        )
        self.topic = encrypted_topic(self, "Notifications")
        self.undeliverable = failure_queue(self, "Undeliverable")
        self.mail_provider = self._mail_provider()
        self.push, self.digest, self.audit = self._push(), self._digest(), self._audit()
        settings = self._api_settings()
        self.function = self._api_function(settings)
        self.api = RestApi(
            self,
            "RestApi",
            description="Registers devices and notifies users",
            routes=ROUTES,
            function=self.function,
            users=self.users,
            config=config.api,
            shared=shared,
        )
        self.graphql = (
            Graphql(
                self,
                "Graphql",
                settings=settings,
                grants=self._api_grants(),
                users=self.users,
                config=config.api_function,
                shared=shared,
            )
            if config.graphql
            else None
        )
        self.monitoring = Monitoring(
            self,
            shared,
            config,
            api=self.api,
            function=self.function,
            graphql=self.graphql.function if self.graphql else None,
            consumers=(self.push, self.digest, self.audit),
            undeliverable=self.undeliverable,
        )

    def _mail_provider(self) -> secretsmanager.Secret:
        """Without address and sender, and with a key that nobody knows, until people put theirs into it."""
        key = "api_key"
        unset = {name: "" for name in MailProvider.__struct_fields__ if name != key}
        secret = secretsmanager.Secret(
            self,
            "MailProvider",
            description="How to reach whoever sends our mails: url, api_key, sender",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps(unset), generate_string_key=key
            ),
            removal_policy=self._shared.removal_policy,
        )
        acknowledge(secret, {"AwsSolutions-SMG4": _NO_ROTATION})
        return secret

    def _push(self) -> Consumer:
        devices = self.devices.table_arn
        return Consumer(
            self,
            "Push",
            self._config.push,
            self._shared,
            topic=self.topic,
            undeliverable=self.undeliverable,
            channel=Channel.PUSH,
            description="Shows notifications on the devices of their recipients",
            settings=PushSettings(devices_table_name=self.devices.table_name, **self._told()),
            grants=[
                allow("dynamodb:DeleteItem", "dynamodb:Query", on=[devices]),
                *pushing(self._config.platform_applications),
            ],
        )

    def _digest(self) -> Consumer:
        devices = self.devices.table_arn
        return Consumer(
            self,
            "Digest",
            self._config.digest,
            self._shared,
            topic=self.topic,
            undeliverable=self.undeliverable,
            channel=Channel.EMAIL,
            description="Mails notifications to their recipients, all of a batch in one",
            settings=DigestSettings(
                devices_table_name=self.devices.table_name,
                user_pool_id=self.users.pool.user_pool_id,
                mail_secret_arn=self.mail_provider.secret_arn,
                **self._told(),
            ),
            grants=[
                allow("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", on=[devices]),
                allow("cognito-idp:AdminGetUser", on=[self.users.pool.user_pool_arn]),
                allow("secretsmanager:GetSecretValue", on=[self.mail_provider.secret_arn]),
            ],
        )

    def _audit(self) -> Consumer:
        return Consumer(
            self,
            "Audit",
            self._config.audit,
            self._shared,
            topic=self.topic,
            undeliverable=self.undeliverable,
            channel=None,
            description="Keeps every notification",
            settings=AuditSettings(audit_table_name=self.audit_trail.table_name, **self._told()),
            grants=[allow("dynamodb:PutItem", on=[self.audit_trail.table_arn])],
        )

    def _api_settings(self) -> ApiSettings:
        return ApiSettings(
            devices_table_name=self.devices.table_name,
            audit_table_name=self.audit_trail.table_name,
            topic_arn=self.topic.topic_arn,
            platform_applications=self._config.platform_applications,
            limits=self._config.limits,
            **self._told(),
        )

    def _api_grants(self) -> list[GrantTo]:
        """Exactly the calls of ``lambdas/mobile_backend/adapters``; transactions need the rights of their parts."""
        return [
            allow(
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                on=[self.devices.table_arn],
            ),
            allow("dynamodb:Query", on=[self.audit_trail.table_arn]),
            allow("sns:Publish", on=[self.topic.topic_arn]),
            *registering(self._config.platform_applications),
        ]

    def _api_function(self, settings: ApiSettings) -> lambda_.Function:
        return HandlerFunction(
            self,
            "Api",
            module="lambdas.mobile_backend.api",
            description="Answers the requests of the REST API",
            settings=settings,
            grants=self._api_grants(),
            config=self._config.api_function,
            shared=self._shared,
        ).function

    def _told(self) -> _Told:
        return _Told(service=self.node.id, metrics_namespace=Stack.of(self).stack_name)
