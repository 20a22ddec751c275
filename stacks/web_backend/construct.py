"""Web backend: an HTTP API with its users, their items, and the website that shows them."""

from __future__ import annotations

import json

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from lambdas.web_backend import contract
from lambdas.web_backend.contract.routes import wired
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.http_api import STAGE, HttpApi
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.release_target import ReleaseTarget
from stacks.blocks.table import on_demand_table
from stacks.blocks.users import Users
from stacks.web_backend.config import WebBackendConfig
from stacks.web_backend.monitoring import Monitoring
from stacks.web_backend.producers import Producers
from stacks.web_backend.publication import SitePublication
from stacks.web_backend.website import Website

RELEASES = "releases"
"""The website's part that the IoT backend answers for."""


class WebBackend(Construct):
    """Keeps what users make, and shows them what ``producers`` made of it; see docs/web_backend.md.

    Attributes are L2 constructs, or constructs of them: ``users``, ``items``, ``function``, ``release`` (None unless
    configured), ``http``, ``website``, ``monitoring``; ``site_config`` is the text of the website's config.json.

    Raises:
        FileNotFoundError: the website is to be published and is not built.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: WebBackendConfig,
        shared: SharedPolicy,
        producers: Producers,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._wiring = producers.wiring
        self.users = Users(self, "Users", config.users, shared)
        self.items = self._items(shared)
        self.function = self._function(producers, shared)
        self.release = (
            ReleaseTarget(self, "Release", function=self.function.function, config=config.release, shared=shared)
            if config.release
            else None
        )
        self.http = HttpApi(
            self,
            "Http",
            description="Items, uploads, orders and metrics of a gallery and shop",
            routes=wired(self._wiring.needs_met),
            function=self.function.function,
            released=self.release.alias if self.release else None,
            users=self.users,
            config=config.api,
            shared=shared,
        )
        if self.release:
            self.release.watch(self.http.api.metric_server_error())
        pictures = producers.pictures
        self._upload_origin = self._origin(pictures.uploads.bucket_regional_domain_name) if pictures else ""
        self.website = Website(
            self,
            "Website",
            config,
            shared,
            api=self.http,
            renditions=pictures.renditions if pictures else None,
            connects=sorted({self._cognito_url, self._upload_origin} - {""}),
        )
        self.site_config = self._site_config()
        if config.publish_site:
            SitePublication(self, "Publication", shared, bucket=self.website.bucket, config_json=self.site_config)
        self.monitoring = Monitoring(
            self, shared, config, function=self.function.function, api=self.http.api, items=self.items
        )

    def _items(self, shared: SharedPolicy) -> dynamodb.TableV2:
        return on_demand_table(
            self,
            "Items",
            shared,
            partition_key=contract.USER_ID,
            sort_key=contract.ENTRY,
            time_to_live=contract.EXPIRES_AT,
        )

    def _function(self, producers: Producers, shared: SharedPolicy) -> HandlerFunction:
        return HandlerFunction(
            self,
            "Api",
            module="lambdas.web_backend.api",
            description="Answers the requests of the web backend's API",
            settings=contract.ApiSettings(
                service=self.node.id,
                metrics_namespace=Stack.of(self).stack_name,
                items_table_name=self.items.table_name,
                limits=self._config.limits,
                wiring=self._wiring,
            ),
            grants=[self._keeping_items(), *producers.grants],
            config=self._config.function,
            shared=shared,
        )

    def _keeping_items(self) -> GrantTo:
        """Exactly the calls of ``lambdas/web_backend/adapters``.

        A transaction needs the rights to what it is made of ("Using IAM with DynamoDB transactions").
        """
        return allow(
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:DeleteItem",
            "dynamodb:ConditionCheckItem",
            on=[self.items.table_arn],
        )

    def _origin(self, host: str) -> str:
        """Of a service of AWS, for browsers; an emulator has one for all of them."""
        return self._config.emulator or f"https://{host}"

    @property
    def _cognito_url(self) -> str:
        stack = Stack.of(self)
        return self._origin(f"cognito-idp.{stack.region}.{stack.url_suffix}")

    def _site_config(self) -> str:
        """What the page has to know, in its own names: ``Config`` in ``site/src/config.ts``."""
        needs_met = sorted(self._wiring.needs_met)
        releases = [RELEASES] if self.release else []
        return json.dumps(
            {
                "region": Stack.of(self).region,
                "userPoolClientId": self.users.client.user_pool_client_id,
                "passwordLength": self._config.users.password_length,
                "cognitoUrl": self._cognito_url,
                "apiUrl": f"/{STAGE}",
                "uploadOrigin": self._upload_origin,
                "wired": [*needs_met, *releases],
                "featuredMetrics": self._config.featured_metrics if contract.Need.METRICS in needs_met else (),
            }
        )
