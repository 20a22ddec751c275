"""The deployed stack, as the demo uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.file_processing.adapters.items import from_item
from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.search import SearchResult
from lambdas.file_processing.contract.tables import CURRENT, PARTITION, SORT
from lambdas.file_processing.domain.catalog import Current, Version
from local.use_cases.outcome import UseCaseError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from local.cloud import Cloud

STACK = "FileProcessing"
ARRIVALS, INDEX = "Arrivals", "IndexQueue"
FAILURES, INDEX_FAILURES = "Failures", "IndexFailures"
LANES = {lane: f"{lane.value.title()}Queue" for lane in Lane}
_MOST_MESSAGES = 10


@dataclass(frozen=True)
class Catalog:
    """All that the catalog knows of files."""

    files: Mapping[str, Current]
    """What is shown, by name."""
    gone: Sequence[Current]
    versions: Mapping[tuple[str, str], Version]
    """By file id and version id."""

    def version(self, name: str) -> Version:
        """The version that a file shows."""
        current = self.files[name]
        return self.versions[current.file_id, current.version_id or ""]


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Clients, and the names that the stack put out."""

    s3: S3Client
    sqs: SQSClient
    dynamodb: DynamoDBClient
    functions: LambdaClient
    inbox: str
    products: str
    quarantine: str
    catalog_table: str
    metrics_table: str
    search_function: str
    queues: Mapping[str, str]
    """URLs by role: work queues in the order in which messages pass through them, and those of failures."""

    @classmethod
    def of(cls, cloud: Cloud) -> Deployed:
        """The stack of a cloud."""
        outputs = cloud.outputs[STACK]
        return cls(
            s3=cloud.client("s3"),
            sqs=cloud.client("sqs"),
            dynamodb=cloud.client("dynamodb"),
            functions=cloud.client("lambda"),
            inbox=outputs["InboxBucketName"],
            products=outputs["ProductsBucketName"],
            quarantine=outputs["QuarantineBucketName"],
            catalog_table=outputs["FileCatalogTableName"],
            metrics_table=outputs["MetricsTableName"],
            search_function=outputs["SearchFunctionName"],
            queues=_queues(cloud.client("cloudformation")),
        )

    # --- the inbox --------------------------------------------------------------------------------------------------

    def upload(self, key: str, data: bytes) -> str:
        """Puts an object without saying what it is; returns the version's id."""
        return self.s3.put_object(Bucket=self.inbox, Key=key, Body=data)["VersionId"]

    def visible(self) -> Iterator[tuple[str, int, str]]:
        """Key, bytes and day of arrival of every object that a listing shows."""
        for each in self._objects(self.inbox):
            yield each["Key"], each["Size"], f"{each['LastModified']:%Y-%m-%d}"

    # --- queues -----------------------------------------------------------------------------------------------------

    def waiting(self) -> dict[str, int]:
        """Messages in each queue, those included that are being worked on."""
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = {}
        for role, url in self.queues.items():
            found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            counts[role] = sum(map(int, found.values()))
        return counts

    def send(self, role: str, bodies: Sequence[str]) -> None:
        """Sends messages in this order."""
        for start in range(0, len(bodies), _MOST_MESSAGES):
            batch = bodies[start : start + _MOST_MESSAGES]
            entries: Any = [{"Id": f"{at}", "MessageBody": body} for at, body in enumerate(batch)]
            self.sqs.send_message_batch(QueueUrl=self.queues[role], Entries=entries)

    # --- what came out ----------------------------------------------------------------------------------------------

    def catalog(self) -> Catalog:
        """All of it, by consistent reads."""
        items = [each for each in self.items(self.catalog_table) if each[PARTITION]["S"].startswith("file#")]
        states = [from_item(each, Current) for each in items if each[SORT]["S"] == CURRENT]
        versions = [from_item(each, Version) for each in items if each[SORT]["S"] != CURRENT]
        return Catalog(
            {each.name: each for each in states if each.generation},
            [each for each in states if not each.generation],
            {(each.file_id, each.version_id): each for each in versions},
        )

    def items(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def objects(self, bucket: str) -> dict[str, str]:
        """ETags by key."""
        return {each["Key"]: each["ETag"] for each in self._objects(bucket)}

    def read(self, bucket: str, key: str) -> bytes:
        """Content of an object."""
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def search(self, query: str) -> SearchResult:
        """Asks the function.

        Raises:
            UseCaseError: it does not answer.
        """
        payload = json.dumps({"query": query}).encode()
        answer = self.functions.invoke(FunctionName=self.search_function, Payload=payload)
        said = answer["Payload"].read()
        try:
            return msgspec.json.decode(said, type=SearchResult)
        except msgspec.DecodeError as error:
            raise UseCaseError(f"the search for {query!r} answered {said.decode()[:300]}") from error

    def _objects(self, bucket: str) -> Iterator[Any]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            yield from page.get("Contents", [])


def _queues(cloudformation: Any) -> dict[str, str]:
    """URLs of the stack's queues, by what their constructs are called."""
    resources = [
        each
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
        for each in page["StackResourceSummaries"]
        if each["ResourceType"] == "AWS::SQS::Queue"
    ]
    found = {}
    for role in (ARRIVALS, *LANES.values(), INDEX, FAILURES, INDEX_FAILURES):
        matching = [each for each in resources if each["LogicalResourceId"].startswith(f"FileProcessing{role}")]
        if len(matching) != 1:
            raise UseCaseError(f"{len(matching)} queues of the stack are called {role}: the demo looks for one")
        found[role] = matching[0]["PhysicalResourceId"]
    return found
