"""Who drives the release controller: buttons, a voice, and people with an API."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.iot_backend.contract import RELEASERS, ApiSettings, PressSettings, SkillSettings
from lambdas.iot_backend.contract.messages import ALL_PRESSES, ENVELOPE_SQL, UNDELIVERED_PREFIX, report_topic
from lambdas.iot_backend.contract.routes import ROUTES
from stacks.blocks.function import HandlerFunction, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import failure_queue
from stacks.blocks.topic_rule import FunctionRule
from stacks.iot_backend.config import IotBackendConfig
from stacks.iot_backend.releases import Releases
from stacks.iot_backend.telemetry import quarantining
from stacks.iot_backend.told import Told
from stacks.iot_backend.wires import Web

_ANY_BUTTON = "a report goes to whoever pressed: any button's topic of reports"
_SOMEBODY_WAITS = "Alexa waits for its answer, and people say again what failed: there are no events to be kept"


class Buttons(Construct):
    """Presses, of whoever they are: the function refuses, and writes down, what is not a button's own.

    Attributes are constructs, L1 where there is no L2: ``failures``, ``function``, ``rule``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: IotBackendConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        devices: dynamodb.ITable,
        quarantine: s3.IBucket,
        releases: Releases,
    ) -> None:
        super().__init__(scope, construct_id)
        self.failures = failure_queue(self, "Failures")
        reports = Stack.of(self).format_arn(
            service="iot",
            resource="topic",
            resource_name=report_topic("*"),
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self.function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.iot_backend.press",
            description="Does what a press of a button asks of the release controller",
            settings=PressSettings(
                device_table_name=devices.table_name,
                quarantine_bucket_name=quarantine.bucket_name,
                releases=releases.wiring,
                advance_function_arn=releases.function.function_arn,
                max_age_seconds=config.press_max_age_seconds,
                **told,
            ),
            grants=[
                allow("dynamodb:GetItem", on=[devices.table_arn]),
                quarantining(quarantine),
                allow("iot:Publish", on=[reports], wildcard=_ANY_BUTTON),
                *releases.grants,
            ],
            config=config.press_function,
            shared=shared,
            on_failure=self.failures,
        ).function
        self.rule = FunctionRule(
            self,
            "Presses",
            description="Buttons that were pressed",
            select=ENVELOPE_SQL,
            topics=ALL_PRESSES,
            function=self.function,
            bucket=quarantine,
            undelivered=f"{UNDELIVERED_PREFIX}press/",
        ).rule


class Voice(Construct):
    """An Alexa skill, whose id Alexa has to tell with each request. The attribute ``function`` is an L2 construct."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: IotBackendConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        skill_id: str,
        releases: Releases,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.iot_backend.skill",
            description="Does what a voice asks of the release controller",
            settings=SkillSettings(
                skill_id=skill_id,
                releases=releases.wiring,
                advance_function_arn=releases.function.function_arn,
                **told,
            ),
            grants=releases.grants,
            config=config.skill_function,
            shared=shared,
        ).function
        acknowledge(self.function, {"Serverless-LambdaDLQ": _SOMEBODY_WAITS})
        self.function.add_permission(
            "Alexa", principal=iam.ServicePrincipal("alexa-appkit.amazon.com"), event_source_token=skill_id
        )


class Http(Construct):
    """Routes of devices and releases on the web backend's API, for the members of a group of its users.

    Attributes are L2 constructs: ``releasers``, ``function``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: IotBackendConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        web: Web,
        devices: dynamodb.ITable,
        releases: Releases,
    ) -> None:
        super().__init__(scope, construct_id)
        self.releasers = cognito.UserPoolGroup(
            self,
            "Releasers",
            user_pool=web.users.pool,
            group_name=RELEASERS,
            description="May see devices and release versions",
        )
        self.function = HandlerFunction(
            self,
            "Api",
            module="lambdas.iot_backend.api",
            description="Answers requests about devices and releases",
            settings=ApiSettings(
                device_table_name=devices.table_name,
                releases=releases.wiring,
                advance_function_arn=releases.function.function_arn,
                **told,
            ),
            grants=[
                allow("dynamodb:BatchGetItem", "dynamodb:Scan", on=[devices.table_arn]),
                allow("dynamodb:Query", on=[releases.table.table_arn]),
                *releases.grants,
            ],
            config=config.api_function,
            shared=shared,
        ).function
        web.http.add_routes(self, ROUTES, self.function)
