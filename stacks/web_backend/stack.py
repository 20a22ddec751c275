"""The deployment unit of the web backend."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.web_backend.config import WebBackendConfig
from stacks.web_backend.construct import WebBackend
from stacks.web_backend.producers import Producers


class WebBackendStack(Stack):
    """HTTP API, users and website; ``cdk deploy WebBackend``, which deploys the stacks of ``producers`` as well."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: WebBackendConfig,
        shared: SharedPolicy,
        producers: Producers,
    ) -> None:
        super().__init__(scope, construct_id, description="Web backend: HTTP API, users, items, website")
        self.web_backend = web = WebBackend(self, "WebBackend", config, shared, producers)
        CfnOutput(self, "ApiUrl", value=web.http.url(config.emulator))
        CfnOutput(self, "UserPoolId", value=web.users.pool.user_pool_id)
        CfnOutput(self, "UserPoolClientId", value=web.users.client.user_pool_client_id)
        CfnOutput(self, "WebsiteUrl", value=web.website.url)
        CfnOutput(self, "WebsiteBucketName", value=web.website.bucket.bucket_name)
        CfnOutput(self, "WebsiteConfig", value=web.site_config)
        CfnOutput(self, "ItemsTableName", value=web.items.table_name)
        CfnOutput(self, "ApiFunctionName", value=web.function.function.function_name)
