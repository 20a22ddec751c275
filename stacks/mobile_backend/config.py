"""What users of the mobile backend decide."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lambdas.mobile_backend.contract import Limits, PlatformApplications
from stacks.blocks.fields import Positive, check_fields
from stacks.blocks.function import FunctionConfig
from stacks.blocks.queue_source import QueueSourceConfig
from stacks.blocks.rest_api import TIMEOUT_SECONDS, RestApiConfig
from stacks.blocks.users import UsersConfig

MAX_DIGEST = 100
"""Messages of a batch: the function asks for all of one user's at once, and DynamoDB answers for 100."""

_APPLICATION = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:app/[A-Z_]+/[\w.-]{1,256}")


@dataclass(frozen=True, kw_only=True)
class ConsumerConfig:
    """A queue and the function that works it off."""

    source: QueueSourceConfig = QueueSourceConfig()
    function: FunctionConfig = FunctionConfig(memory_mb=512, timeout_seconds=30)
    """What failed comes again six times this timeout later."""


@dataclass(frozen=True, kw_only=True)
class MobileBackendConfig:
    """What users of the mobile backend decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    users: UsersConfig = UsersConfig()
    """Of the backend's own user pool; without effect where it is given another's."""
    api: RestApiConfig = RestApiConfig()
    limits: Limits = Limits()
    platform_applications: PlatformApplications = PlatformApplications()
    """Made by hand, with the credentials of Apple and Google. Devices of a platform that has none are refused; with
    none at all devices are kept, and nothing is pushed to them."""
    max_latency_ms: Positive = 2_000
    """Of one request in a hundred, above which an alarm is raised; a cold start takes about one second."""
    graphql: bool = False
    """AWS AppSync beside the REST API, with the same answers: 4 dollars for a million queries."""
    api_function: FunctionConfig = FunctionConfig(timeout_seconds=10)
    push: ConsumerConfig = ConsumerConfig()
    digest: ConsumerConfig = ConsumerConfig(
        source=QueueSourceConfig(batch_size=MAX_DIGEST, batching_seconds=300, max_concurrency=2),
        function=FunctionConfig(memory_mb=512, timeout_seconds=900),
    )
    """A user gets one mail for all that came in a batch. So batches are collected for five minutes, Lambda's longest,
    and two at a time are the least that it can be held to. A batch may take as long as a provider that answers none of
    a hundred mails: none may be given up untried."""
    audit: ConsumerConfig = ConsumerConfig()

    def __post_init__(self) -> None:
        check_fields(self)
        if self.api_function.timeout_seconds > TIMEOUT_SECONDS:
            raise ValueError(
                f"api_function.timeout_seconds of {self.api_function.timeout_seconds} is more than the gateway waits: "
                f"set at most {TIMEOUT_SECONDS}"
            )
        if self.digest.source.batch_size > MAX_DIGEST:
            raise ValueError(
                f"digest.source.batch_size of {self.digest.source.batch_size} is more than the function can ask "
                f"DynamoDB about: set at most {MAX_DIGEST}"
            )
        for platform, arn in self.platform_applications.by_platform.items():
            if not _APPLICATION.fullmatch(arn):
                raise ValueError(
                    f"platform_applications.{platform} is no ARN of an SNS platform application, as in "
                    f"arn:aws:sns:eu-west-1:123456789012:app/APNS/name; got {arn!r}"
                )
