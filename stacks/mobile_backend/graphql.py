"""AWS AppSync beside the REST API: the same operations, one function behind every field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from lambdas.mobile_backend.contract import ApiSettings
from stacks.blocks.function import ROOT, FunctionConfig, GrantTo, HandlerFunction, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.users import Users

SCHEMA = ROOT / "lambdas" / "mobile_backend" / "schema.graphql"

_MAX_DEPTH = 3
"""Of a query: an operation, its items, their fields."""

_OPERATIONS = re.compile(r"^type (Query|Mutation) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+)", re.MULTILINE)

_NO_VERBOSE_LOGS = "errors are logged; the rest would be requests as they came, with the tokens in their headers"
_SYNCHRONOUS = "clients wait for its answers, and send again what failed: there are no events to be kept"


class Graphql(Construct):
    """A GraphQL API for the users of the REST API, who send the same access token.

    Attributes are L2 constructs: ``api``, ``function``, ``logs``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: ApiSettings,
        grants: Sequence[GrantTo],
        users: Users,
        config: FunctionConfig,
        shared: SharedPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.mobile_backend.graphql",
            description="Answers the queries and mutations of AWS AppSync",
            settings=settings,
            grants=grants,
            config=config,
            shared=shared,
        ).function
        acknowledge(self.function, {"Serverless-LambdaDLQ": _SYNCHRONOUS})
        logging = iam.Role(self, "LoggingRole", assumed_by=iam.ServicePrincipal("appsync.amazonaws.com"))
        self.api = self._api(users, logging)
        self.logs = logs.LogGroup(
            self,
            "Logs",
            # AppSync writes to this one and to no other.
            log_group_name=f"/aws/appsync/apis/{self.api.api_id}",
            retention=shared.log_retention,
            removal_policy=shared.removal_policy,
        )
        allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", on=[self.logs.log_group_arn])(logging)
        self._resolve()

    def _api(self, users: Users, logging: iam.IRole) -> appsync.GraphqlApi:
        api = appsync.GraphqlApi(
            self,
            "Api",
            name=self.node.path.replace("/", "-"),
            definition=appsync.Definition.from_file(str(SCHEMA)),
            authorization_config=appsync.AuthorizationConfig(
                default_authorization=appsync.AuthorizationMode(
                    authorization_type=appsync.AuthorizationType.USER_POOL,
                    user_pool_config=appsync.UserPoolConfig(
                        user_pool=users.pool, app_id_client_regex=users.client.user_pool_client_id
                    ),
                )
            ),
            query_depth_limit=_MAX_DEPTH,
            xray_enabled=True,
        )
        # As L1: the L2 brings a function of its own, which may set how long any log group is kept.
        settings = appsync.CfnGraphQLApi.LogConfigProperty(
            cloud_watch_logs_role_arn=logging.role_arn, field_log_level="ERROR", exclude_verbose_content=True
        )
        if isinstance(cfn := api.node.default_child, appsync.CfnGraphQLApi):
            cfn.log_config = settings
        acknowledge(api, {"AwsSolutions-ASC3": _NO_VERBOSE_LOGS})
        return api

    def _resolve(self) -> None:
        """By the function alone, without mapping templates: "Direct Lambda resolvers" (AWS AppSync Developer Guide)."""
        invoking = iam.Role(self, "InvokingRole", assumed_by=iam.ServicePrincipal("appsync.amazonaws.com"))
        allow("lambda:InvokeFunction", on=[self.function.function_arn])(invoking)
        # The source would add every version and alias of the function.
        source = appsync.LambdaDataSource(
            self, "Source", api=self.api, lambda_function=self.function, service_role=invoking.without_policy_updates()
        )
        for kind, field in fields():
            source.create_resolver(f"{kind}{field[0].upper()}{field[1:]}", type_name=kind, field_name=field)


def fields() -> Iterator[tuple[str, str]]:
    """Type and name of every field of the schema that is resolved by itself."""
    for kind, body in _OPERATIONS.findall(SCHEMA.read_text()):
        for name in _FIELD.findall(body):
            yield kind, name
