"""The deployment unit of the mobile backend."""

from __future__ import annotations

from aws_cdk import CfnOutput, Fn, Stack
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.blocks.users import Users
from stacks.mobile_backend.config import MobileBackendConfig
from stacks.mobile_backend.construct import MobileBackend


class MobileBackendStack(Stack):
    """REST API, topic and microservices; ``cdk deploy MobileBackend``. ``users`` are those of another stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: MobileBackendConfig,
        shared: SharedPolicy,
        users: Users | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="Mobile backend: REST API, notifications, microservices")
        self.mobile_backend = MobileBackend(self, "MobileBackend", config, shared, users)
        for name, value in _outputs(self.mobile_backend).items():
            CfnOutput(self, name, value=value)


def _outputs(backend: MobileBackend) -> dict[str, str]:
    consumers = (backend.push, backend.digest, backend.audit)
    dead_letters = [*(each.dead_letters for each in consumers), backend.undeliverable]
    outputs = {
        "RestApiUrl": backend.api.url,
        "ApiKeyId": backend.api.key.key_id,
        "UserPoolId": backend.users.pool.user_pool_id,
        "UserPoolClientId": backend.users.client.user_pool_client_id,
        "NotificationsTopicArn": backend.topic.topic_arn,
        "DevicesTableName": backend.devices.table_name,
        "AuditTableName": backend.audit_trail.table_name,
        "MailSecretArn": backend.mail_provider.secret_arn,
        "DeadLetterQueueUrls": Fn.join(",", [queue.queue_url for queue in dead_letters]),
        "ApiFunctionName": backend.function.function_name,
        **{f"{each.node.id}FunctionName": each.function.function_name for each in consumers},
        **{f"{each.node.id}QueueUrl": each.queue.queue_url for each in consumers},
    }
    if backend.api.domain:
        outputs["DomainTarget"] = backend.api.domain.domain_name_alias_domain_name
    if backend.graphql:
        outputs["GraphqlUrl"] = backend.graphql.api.graphql_url
    return outputs
