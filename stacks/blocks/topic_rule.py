"""AWS IoT rules: what becomes of the messages that devices publish.

What an action did not take is kept whole in a bucket: an object with the payload in base64, the topic, and the reason
("Error handling (error action)", AWS IoT Developer Guide). Messages for which the SQL itself fails do not get that far:
let it hold nothing that could fail.
"""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.blocks.alarms import FIVE_MINUTES
from stacks.blocks.function import allow

_SQL_VERSION = "2016-03-23"
"""The default is of 2015, to which a topic of several levels and a payload of an array are something else."""

_UNIQUE = "${timestamp()}-${newuuid()}.json"
"""Substitution templates: no message takes the place of another one."""

_ANY_KEY = "keys are made of time and chance: any key of this one prefix"


class FunctionRule(Construct):
    """Hands messages on topics, as they are selected, to a function, as an asynchronous event.

    Messages that Lambda does not take are kept under ``undelivered`` of the bucket; those that it took and that the
    function fails on go to the function's own destination. The attribute ``rule`` is an L1 construct.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        select: str,
        topics: str,
        where: str = "",
        function: lambda_.Function,
        bucket: s3.IBucket,
        undelivered: str,
    ) -> None:
        super().__init__(scope, construct_id)
        action = iot.CfnTopicRule.ActionProperty(
            lambda_=iot.CfnTopicRule.LambdaActionProperty(function_arn=function.function_arn)
        )
        self.rule = _rule(
            self, description, _sql(select, topics, where), action, _put(_writing_role(self), bucket, undelivered)
        )
        function.add_permission(
            "Permission",
            principal=iam.ServicePrincipal("iot.amazonaws.com"),
            source_arn=self.rule.attr_arn,
            source_account=Aws.ACCOUNT_ID,
            scope=self,
        )


class BucketRule(Construct):
    """Puts messages on topics, as they are selected, into a bucket, each as an object under ``prefix``.

    What cannot be put there is tried once more, under ``undelivered``. The attribute ``rule`` is an L1 construct.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        select: str,
        topics: str,
        where: str = "",
        bucket: s3.IBucket,
        prefix: str,
        undelivered: str,
    ) -> None:
        super().__init__(scope, construct_id)
        role = _writing_role(self)
        self.rule = _rule(
            self, description, _sql(select, topics, where), _put(role, bucket, prefix), _put(role, bucket, undelivered)
        )


def rule_metric(rule: iot.CfnTopicRule, name: str) -> cloudwatch.IMetric:
    """One of "Rule action metrics" (AWS IoT Developer Guide) of a rule, over all kinds of actions.

    As a query: alarms of the plain metric would need the kind of action, whose names the guide does not tell.
    """
    return cloudwatch.MathExpression(
        expression=f"SELECT SUM({name}) FROM \"AWS/IoT\" WHERE RuleName = '{rule.ref}'",  # noqa: S608 - of CloudWatch
        label=name,
        period=FIVE_MINUTES,
    )


def _sql(select: str, topics: str, where: str) -> str:
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {select} FROM '{topics}'{condition}"  # noqa: S608 - of AWS IoT, and of nobody's input


def _rule(
    scope: Construct,
    description: str,
    sql: str,
    action: iot.CfnTopicRule.ActionProperty,
    error_action: iot.CfnTopicRule.ActionProperty,
) -> iot.CfnTopicRule:
    return iot.CfnTopicRule(
        scope,
        "Rule",
        topic_rule_payload=iot.CfnTopicRule.TopicRulePayloadProperty(
            description=description,
            sql=sql,
            aws_iot_sql_version=_SQL_VERSION,
            actions=[action],
            error_action=error_action,
        ),
    )


def _writing_role(scope: Construct) -> iam.Role:
    """As rules of this account alone ("Cross-service confused deputy prevention", AWS IoT Developer Guide)."""
    rules = Stack.of(scope).format_arn(service="iot", resource="rule", resource_name="*")
    return iam.Role(
        scope,
        "Role",
        assumed_by=iam.ServicePrincipal(
            "iot.amazonaws.com",
            conditions={
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                "ArnLike": {"aws:SourceArn": rules},
            },
        ),
    )


def _put(role: iam.Role, bucket: s3.IBucket, prefix: str) -> iot.CfnTopicRule.ActionProperty:
    allow("s3:PutObject", on=[bucket.arn_for_objects(f"{prefix}*")], wildcard=_ANY_KEY)(role)
    return iot.CfnTopicRule.ActionProperty(
        s3=iot.CfnTopicRule.S3ActionProperty(
            bucket_name=bucket.bucket_name, key=f"{prefix}{_UNIQUE}", role_arn=role.role_arn
        )
    )
