"""AWS Elemental MediaConvert, which transcodes what takes longer than a function may: its role, and how jobs end."""

from __future__ import annotations

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.file_processing.contract import PRODUCTS_PREFIX, FinishSettings
from lambdas.file_processing.domain.media.ended import DESTINATION
from stacks.blocks.event_rule import invoke_on
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.policy import SharedPolicy
from stacks.file_processing import rights
from stacks.file_processing.config import FileProcessingConfig
from stacks.file_processing.stores import Stores
from stacks.file_processing.told import Told

_SERVICE = "mediaconvert.amazonaws.com"


class JobRole(Construct):
    """The role with which MediaConvert reads files and writes renditions. Attributes: ``role``, ``starting``.

    ``starting`` are the rights of whoever starts jobs.
    """

    def __init__(self, scope: Construct, construct_id: str, config: FileProcessingConfig, stores: Stores) -> None:
        super().__init__(scope, construct_id)
        queue = config.media_convert_queue_arn or Stack.of(self).format_arn(
            service="mediaconvert", resource="queues", resource_name="Default"
        )
        self.role = iam.Role(
            self,
            "Role",
            description="Of MediaConvert: reads files, writes renditions",
            # "The value of aws:SourceArn must be the ARN of the MediaConvert queue" ("Cross-service confused deputy
            # prevention", MediaConvert User Guide).
            assumed_by=iam.ServicePrincipal(
                _SERVICE,
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": queue}},
            ),
        )
        renditions = stores.products.arn_for_objects(f"{PRODUCTS_PREFIX}*")
        for grant in (
            allow("s3:GetObject", on=[stores.inbox.arn_for_objects("*")], wildcard=rights.ANY_FILE),
            allow("s3:GetObject", "s3:PutObject", on=[renditions], wildcard=rights.ANY_GENERATION),
        ):
            grant(self.role)
        self.starting: list[GrantTo] = [
            allow("mediaconvert:CreateJob", on=[queue]),
            allow("iam:PassRole", on=[self.role.role_arn], only_if={"StringEquals": {"iam:PassedToService": _SERVICE}}),
        ]


class Finishing(Construct):
    """Completes what MediaConvert has done. Attributes are L2 constructs: ``function``, ``rule``."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: FileProcessingConfig,
        shared: SharedPolicy,
        told: Told,
        *,
        stores: Stores,
        transcode: sqs.IQueue,
        index: sqs.IQueue,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function: lambda_.Function = HandlerFunction(
            self,
            "Handler",
            module="lambdas.file_processing.finish",
            description="Completes what MediaConvert has transcoded",
            settings=FinishSettings(
                products_bucket_name=stores.products.bucket_name,
                quarantine_bucket_name=stores.quarantine.bucket_name,
                catalog_table_name=stores.catalog.table_name,
                transcode_queue_url=transcode.queue_url,
                index_queue_url=index.queue_url,
                keep_days=config.keep_days,
                **told,
            ),
            grants=[
                *rights.reading_originals(stores),
                rights.quarantining(stores),
                rights.keeping_the_catalog(stores, "GetItem", "UpdateItem"),
                rights.sending(transcode, index),
            ],
            config=config.finish_function,
            shared=shared,
            on_failure=failures,
        ).function
        self.rule = invoke_on(
            self,
            "Ended",
            description="MediaConvert jobs that have ended, of this stack alone",
            source="aws.mediaconvert",
            detail_type="MediaConvert Job State Change",
            detail={
                "status": ["COMPLETE", "ERROR", "CANCELED"],
                "userMetadata": {DESTINATION: [{"prefix": f"s3://{stores.products.bucket_name}/"}]},
            },
            function=self.function,
            undelivered=failures,
        )
