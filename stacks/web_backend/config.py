"""What users of the web backend decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from lambdas.web_backend.contract import Limits
from stacks.blocks.fields import check_fields
from stacks.blocks.function import FunctionConfig
from stacks.blocks.http_api import TIMEOUT_SECONDS, HttpApiConfig
from stacks.blocks.release_target import ReleaseTargetConfig
from stacks.blocks.users import UsersConfig

MetricName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")]
PriceClass = Literal["100", "200", "ALL"]


class OwnDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A name for the website; its DNS record, at CloudFront's own, is yours to make."""

    name: str
    certificate_arn: Annotated[str, msgspec.Meta(pattern=r"\Aarn:[a-z-]+:acm:us-east-1:\d{12}:certificate/")]
    """Of AWS Certificate Manager in us-east-1, where CloudFront looks for it."""


@dataclass(frozen=True, kw_only=True)
class WebBackendConfig:
    """What users of the web backend decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    users: UsersConfig = UsersConfig()
    api: HttpApiConfig = HttpApiConfig()
    limits: Limits = Limits()
    featured_metrics: tuple[MetricName, ...] = ("clickstream.views", "clickstream.unique_visitors", "clickstream.pages")
    """Of stream analytics, that the website draws: ``<recipe>.<measure>``."""
    price_class: PriceClass = "100"
    """How far CloudFront spreads: 100 is North America and Europe, where it costs least; ALL is everywhere."""
    domain: OwnDomain | None = None
    """Without one the website has a name of CloudFront's, whose certificate lets in browsers of TLS 1.0."""
    web_acl_arn: str | None = None
    """Of a web ACL of AWS WAF with scope CLOUDFRONT: 5 dollars a month, and a dollar for each rule."""
    publish_site: bool = True
    """Let the deployment put the website's files into its bucket."""
    max_latency_ms: Annotated[int, msgspec.Meta(ge=1, le=TIMEOUT_SECONDS * 1000)] = 2_000
    """Of one request in a hundred, above which an alarm is raised; a cold start takes about one second."""
    function: FunctionConfig = FunctionConfig(timeout_seconds=TIMEOUT_SECONDS - 1)
    release: ReleaseTargetConfig | None = None
    """Let the IoT backend release the function's versions; its wire sets this. Without one each deployment does."""
    emulator: str | None = None
    """URL of an emulator of AWS, under which the website finds everything else: its API, Amazon Cognito, uploads."""

    def __post_init__(self) -> None:
        check_fields(self)
        if self.function.timeout_seconds >= TIMEOUT_SECONDS:
            raise ValueError(
                f"function.timeout_seconds of {self.function.timeout_seconds} would go on for nobody: the gateway "
                f"gives up after {TIMEOUT_SECONDS}, so set less"
            )
        if self.emulator is not None and not _is_endpoint(self.emulator):
            raise ValueError(f"emulator is a URL as http://127.0.0.1:4566; got {self.emulator!r}")


def _is_endpoint(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and bool(parts.hostname and parts.port) and not parts.path
