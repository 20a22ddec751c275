"""The deployed stack, as the demo uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.use_cases import counters

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

    from local.cloud import Cloud

STACK = "LogAnalysis"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Clients, and the names that the stack put out."""

    logs: Any
    functions: LambdaClient
    dynamodb: DynamoDBClient
    sns: SNSClient
    sqs: SQSClient
    function: str
    table: str
    topic: str
    log_groups: tuple[str, ...]

    @classmethod
    def of(cls, cloud: Cloud) -> Deployed:
        """The stack of a cloud."""
        outputs = cloud.outputs[STACK]
        return cls(
            logs=cloud.client("logs"),
            functions=cloud.client("lambda"),
            dynamodb=cloud.client("dynamodb"),
            sns=cloud.client("sns"),
            sqs=cloud.client("sqs"),
            function=outputs["AnalyzerFunctionName"],
            table=outputs["SignaturesTableName"],
            topic=outputs["AlertsTopicArn"],
            log_groups=tuple(outputs["DemoLogGroupNames"].split(",")),
        )

    def ended(self) -> int:
        """How many invocations of the function have ended."""
        return counters.ended(self.functions, self.logs, self.function)
