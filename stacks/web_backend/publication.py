"""The website's files, put into its bucket by the deployment."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from stacks.blocks.function import ROOT, allow
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy

BUILT = ROOT / "site" / "dist"

_HASHED = "assets/*"
"""Files that are named by what is in them: of these browsers need not ask for another."""

_ANY_FILE = "which files a website has is its own matter: any key of this one bucket"
_ANY_ASSET = "the CDK names what it uploads by digests: any key of its own bucket"
_AS_THE_CDK_HAS_IT = (
    "AwsSolutions-L1",
    "Serverless-LambdaDLQ",
    "Serverless-LambdaLatestVersion",
    "Serverless-LambdaTracing",
)
_FUNCTION_OF_THE_CDK = "it is the CDK's own, which chooses how it runs, and waits for its answer"


class SitePublication(Construct):
    """Makes ``bucket`` hold the built website and ``config_json``, and of earlier ones no more than hashed files.

    Raises:
        FileNotFoundError: the website is not built; says how to build it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, shared: SharedPolicy, *, bucket: s3.IBucket, config_json: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._bucket = bucket
        self._logs = logs.LogGroup(self, "Logs", retention=shared.log_retention, removal_policy=shared.removal_policy)
        site = assets.Asset(self, "Site", path=str(_built(Stack.of(self))))
        self._role = self._publisher(site.bucket)
        files = deployment.Source.bucket(site.bucket, site.s3_object_key)
        config = deployment.Source.data("config.json", config_json)
        immutable = deployment.CacheControl.from_string("public, max-age=31536000, immutable")
        # Those of the website before stay: its page asks for them until it is replaced, and in browsers that have it.
        hashed = self._published("Hashed", immutable, [files], exclude=["*"], include=[_HASHED], prune=False)
        pages = self._published("Pages", deployment.CacheControl.no_cache(), [files, config], exclude=[_HASHED])
        # Or a page would for a moment ask for files that are not there.
        pages.node.add_dependency(hashed)
        self._acknowledge()

    def _published(
        self,
        construct_id: str,
        cache_control: deployment.CacheControl,
        sources: list[deployment.ISource],
        *,
        exclude: list[str],
        include: list[str] | None = None,
        prune: bool = True,
    ) -> deployment.BucketDeployment:
        published = deployment.BucketDeployment(
            self,
            construct_id,
            destination_bucket=self._bucket,
            sources=sources,
            cache_control=[cache_control],
            exclude=exclude,
            include=include,
            prune=prune,
            # It would add rights to every object of the CDK's bucket, by wildcard actions.
            role=self._role.without_policy_updates(),
            log_group=self._logs,
        )
        published.node.add_dependency(self._role)
        return published

    def _publisher(self, assets_bucket: s3.IBucket) -> iam.Role:
        """Role of the CDK's function: exactly the calls of ``aws s3 cp`` and ``aws s3 sync --delete``."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self._logs.grant(role, "logs:CreateLogStream", "logs:PutLogEvents")
        allow("s3:GetObject", on=[assets_bucket.arn_for_objects("*")], wildcard=_ANY_ASSET)(role)
        allow("s3:ListBucket", on=[self._bucket.bucket_arn])(role)
        allow("s3:PutObject", "s3:DeleteObject", on=[self._bucket.arn_for_objects("*")], wildcard=_ANY_FILE)(role)
        return role

    def _acknowledge(self) -> None:
        for each in Stack.of(self).node.children:
            if each.node.id.startswith("Custom::CDKBucketDeployment"):
                acknowledge(each, dict.fromkeys(_AS_THE_CDK_HAS_IT, _FUNCTION_OF_THE_CDK))


def _built(stack: Stack) -> Path:
    """Where nothing is bundled, since only templates are looked at, the sources stand in for what is built of them."""
    if BUILT.is_dir():
        return BUILT
    if stack.bundling_required:
        raise FileNotFoundError(f"the website is not built, so there is nothing to publish in {BUILT}: run make setup")
    return BUILT.parent
