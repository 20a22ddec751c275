"""The website: a private bucket and the API behind one CloudFront distribution, and so of one origin to browsers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from aws_cdk import Duration, Fn
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.blocks.bucket import private_bucket
from stacks.blocks.http_api import STAGE, HttpApi
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy
from stacks.web_backend.config import WebBackendConfig

RENDITIONS_PATH = "/renditions/*"
"""Keys of the renditions bucket begin so: no path has to be rewritten."""

_FAILURES = (500, 502, 503, 504)
"""Which CloudFront keeps for 10 seconds unless it is told otherwise, by the path alone and whatever cache policy and
Cache-Control say ("Control how long CloudFront caches errors"): one user's 503 would be everybody's answer."""

_TO_INDEX = """\
// Addresses of the page's own views name no file: each of them is index.html. A custom error response would do it, too,
// and would hide every 404 of the API.
function handler(event) {
  const request = event.request;
  if (!request.uri.split('/').pop().includes('.')) request.uri = '/index.html';
  return request;
}
"""

_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

_NOT_WANTED = {
    "AwsSolutions-CFR1": "a gallery and shop for everybody: countries are the law's and the owner's matter",
    "AwsSolutions-CFR3": "the API logs every request that does anything; page loads would be paid for by the gigabyte",
}
_NO_WEB_ACL = "a web ACL costs a fixed price a month: the config takes one"
_NO_DOMAIN = "CloudFront's own certificate knows no minimum: the config takes a domain, which has TLS 1.2"
_LIST = "Annotation::@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk"
_NO_LISTS = "every path without a file's name, the root's among them, is rewritten to the page: none can list"
_IMPORTED = "Annotation::@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac"
_LETS_IN = "the stack of the bucket lets the account's distributions in"
_HTTP_TO_AN_EMULATOR = "the emulator that it talks to has no certificate; on AWS the API is HTTPS only"


class Website(Construct):
    """Serves the bucket's files, ``/api/*`` from the API and, if there are any, ``/renditions/*``.

    Scripts, styles and pictures come from nowhere else; ``connects`` are the only further origins that the page may
    talk to.

    Attributes are L2 constructs: ``bucket``, ``distribution``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: WebBackendConfig,
        shared: SharedPolicy,
        *,
        api: HttpApi,
        renditions: s3.IBucket | None,
        connects: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._emulator = urlsplit(config.emulator) if config.emulator else None
        self._headers = self._security_headers(connects)
        self.bucket = private_bucket(self, "Bucket", shared)
        self.distribution = self._distribution(config, api, renditions)

    @property
    def url(self) -> str:
        """Without a slash at its end. An emulator knows a distribution by the first part of its name."""
        name = self.distribution.distribution_domain_name
        if self._emulator:
            return f"http://{Fn.select(0, Fn.split('.', name))}.cloudfront.localhost:{self._emulator.port}"
        return f"https://{name}"

    def _distribution(
        self, config: WebBackendConfig, api: HttpApi, renditions: s3.IBucket | None
    ) -> cloudfront.Distribution:
        domain = config.domain
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=self.node.path,
            default_root_object="index.html",
            default_behavior=self._pages(),
            additional_behaviors={
                f"/{STAGE}/*": self._calls(api),
                **({RENDITIONS_PATH: self._pictures(renditions)} if renditions else {}),
            },
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=Duration.seconds(0)) for status in _FAILURES
            ],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass[f"PRICE_CLASS_{config.price_class}"],
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if domain else None,
            domain_names=[domain.name] if domain else None,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", domain.certificate_arn)
            if domain
            else None,
            web_acl_id=config.web_acl_arn,
        )
        acknowledge(distribution, {**_NOT_WANTED, _LIST: _NO_LISTS})
        if renditions:
            acknowledge(distribution, {_IMPORTED: _LETS_IN})
        if not config.web_acl_arn:
            acknowledge(distribution, {"AwsSolutions-CFR2": _NO_WEB_ACL})
        if not domain:
            acknowledge(distribution, {"AwsSolutions-CFR4": _NO_DOMAIN})
        if self._emulator:
            acknowledge(distribution, {"AwsSolutions-CFR5": _HTTP_TO_AN_EMULATOR})
        return distribution

    def _pages(self) -> cloudfront.BehaviorOptions:
        """Files are cached as they themselves say.

        CloudFront may list the bucket, since S3 tells only who may that a file is not there.
        """
        return self._behavior(
            origins.S3BucketOrigin.with_origin_access_control(
                self.bucket, origin_access_levels=[cloudfront.AccessLevel.READ, cloudfront.AccessLevel.LIST]
            ),
            functions=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=cloudfront.Function(
                        self,
                        "ToIndex",
                        comment="Addresses of views get the page",
                        code=cloudfront.FunctionCode.from_inline(_TO_INDEX),
                        runtime=cloudfront.FunctionRuntime.JS_2_0,
                    ),
                )
            ],
        )

    def _calls(self, api: HttpApi) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._api_origin(api),
            viewer_protocol_policy=self._protocols,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # The gateway finds an API by the host that it is called by.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._headers,
        )

    def _api_origin(self, api: HttpApi) -> origins.HttpOrigin:
        """The API's stage is named as the path is, so that the path needs no rewriting."""
        if self._emulator:
            return origins.HttpOrigin(
                str(self._emulator.hostname),
                http_port=self._emulator.port,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
                origin_path=f"/_aws/execute-api/{api.api.api_id}",
            )
        return origins.HttpOrigin(api.domain_name)

    def _pictures(self, renditions: s3.IBucket) -> cloudfront.BehaviorOptions:
        """Out of another stack's bucket, which lets CloudFront in by itself.

        Taken by its name, or the CDK would let this distribution in by the bucket's policy, and the two stacks would
        each need the other first.
        """
        bucket = s3.Bucket.from_bucket_attributes(
            self,
            "Renditions",
            bucket_name=renditions.bucket_name,
            bucket_regional_domain_name=renditions.bucket_regional_domain_name,
        )
        return self._behavior(origins.S3BucketOrigin.with_origin_access_control(bucket))

    def _behavior(
        self, origin: cloudfront.IOrigin, functions: Sequence[cloudfront.FunctionAssociation] = ()
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origin,
            viewer_protocol_policy=self._protocols,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            compress=True,
            response_headers_policy=self._headers,
            function_associations=list(functions) or None,
        )

    @property
    def _protocols(self) -> cloudfront.ViewerProtocolPolicy:
        policies = cloudfront.ViewerProtocolPolicy
        return policies.ALLOW_ALL if self._emulator else policies.REDIRECT_TO_HTTPS

    def _security_headers(self, connects: Sequence[str]) -> cloudfront.ResponseHeadersPolicy:
        behavior = cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=_content_security_policy(connects), override=True
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override=True
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                # Of subdomains this stack knows nothing.
                access_control_max_age=Duration.days(365),
                include_subdomains=False,
                override=True,
            ),
        )
        return cloudfront.ResponseHeadersPolicy(
            self,
            "SecurityHeaders",
            security_headers_behavior=behavior,
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header="permissions-policy", value=_PERMISSIONS, override=True)
                ]
            ),
        )


def _content_security_policy(connects: Sequence[str]) -> str:
    """Nothing but what the page is made of; frames of others would not even show it."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "font-src 'self'",
            "manifest-src 'self'",
            " ".join(("connect-src 'self'", *connects)),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
