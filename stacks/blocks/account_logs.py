"""The role with which API Gateway writes the logs of every REST API of an account in a region."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.blocks.nag import acknowledge

_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
_OF_AMAZON = "the role is for all APIs of the account, and API Gateway wants one with all the rights of this policy"


def account_log_role(scope: Construct) -> apigateway.CfnAccount:
    """Sets the account's role. It stays when its stack goes, since other APIs may have come to log by it."""
    role = iam.Role(
        scope,
        "AccountLogRole",
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_POLICY)],
    )
    acknowledge(role, {f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_POLICY}]": _OF_AMAZON})
    account = apigateway.CfnAccount(scope, "Account", cloud_watch_role_arn=role.role_arn)
    role.apply_removal_policy(RemovalPolicy.RETAIN)
    account.apply_removal_policy(RemovalPolicy.RETAIN)
    return account
