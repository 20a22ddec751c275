"""The real handler over fakes of AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from lambdas.common.calls import Patience
from lambdas.log_analysis import analyze, contract
from lambdas.log_analysis.adapters.counters import DynamoCounters
from lambdas.log_analysis.adapters.reader import SignatureReader
from lambdas.log_analysis.adapters.signatures import DynamoSignatures
from lambdas.log_analysis.adapters.sns import SnsAlerts
from lambdas.log_analysis.contract import Detection, Limits, Retention
from lambdas.log_analysis.workflow.analyzing import Analyzer
from lambdas.log_analysis.workflow.counting import Counting
from lambdas.log_analysis.workflow.naming import Naming
from lambdas.log_analysis.workflow.telling import Telling
from lambdas.log_analysis.workflow.watching import Watching
from tests.support.fake_aws import FakeDynamoDB, Outside
from tests.support.silent import Silent

START = 1_795_262_400_000
"""2026-11-21T12:00Z, in milliseconds."""
FIRST_MINUTE = START // 60_000
OWN_LOG_GROUP = "/aws/lambda/LogAnalysis-Analyze"


class FakeSns:
    """A topic; ``published`` holds the attributes of what it took."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.published: list[dict[str, str]] = []
        self.texts: list[str] = []

    def publish(self, *, TopicArn: str, Subject: str, Message: str, MessageAttributes: Mapping[str, Any]) -> Any:  # noqa: N803
        assert TopicArn
        assert len(Subject) < 100
        assert Subject.isascii()

        def effect(_: bool) -> Any:  # noqa: FBT001
            self.published.append({name: each["StringValue"] for name, each in MessageAttributes.items()})
            self.texts.append(Message)
            return {}

        return self.outside.call("Publish", effect)


@dataclass
class Context:
    """Lambda's context object."""

    aws_request_id: str = "8f507cfc-0000-4697-b07a-ac58fc914c95"


@dataclass
class World:
    """One stack's table and topic, and its function."""

    detection: Detection = Detection(learning_minutes=10, min_baseline_minutes=5)
    outside: Outside = field(default_factory=Outside)
    now: float = START / 1000
    """Unix time."""

    def __post_init__(self) -> None:
        self.dynamodb: Any = FakeDynamoDB(self.outside, {"signatures": (contract.PARTITION, contract.ENTRY)})
        self.sns: Any = FakeSns(self.outside)
        self.reader = SignatureReader(self.dynamodb, "signatures")  # type: ignore[arg-type]
        self.start()

    def start(self) -> None:
        """A new execution environment, which remembers nothing."""
        signatures = DynamoSignatures(self.dynamodb, "signatures", 90, Patience(lambda _: None))
        counters = DynamoCounters(self.dynamodb, "signatures", Retention(), _one_by_one)
        telling = Telling(signatures, SnsAlerts(self.sns, "topic"), lambda: self.now)
        analyzer = Analyzer(
            signatures,
            Naming(signatures, self.detection),
            Counting(counters, lambda _: None),
            Watching(counters, telling, self.detection, _one_by_one),
        )
        self.runtime = analyze.Runtime(Silent(), Limits(), analyzer, telling, signatures, OWN_LOG_GROUP)  # type: ignore[arg-type]

    def invoke(self, event: dict[str, Any]) -> None:
        """One invocation of the real handler."""
        with patch.object(analyze, "runtime", lambda: self.runtime):
            analyze.handler(event, Context())

    def reader_without_faults(self) -> SignatureReader:
        """Reads what is stored just now, whatever the schedule has in store for the function."""
        fake: Any = FakeDynamoDB(Outside(), self.dynamodb.keys)
        fake.tables = self.dynamodb.tables
        return SignatureReader(fake, "signatures")

    def counts(self, log_group: str) -> Counter[tuple[str, int]]:
        """Errors by template and minute since the beginning."""
        return Counter(
            {
                (signature.template, minute - FIRST_MINUTE): count
                for signature in self.reader.signatures(log_group)
                for minute, count in self.reader.counts(log_group, signature, 0, FIRST_MINUTE + 10_000).items()
            }
        )


def _one_by_one(call: Any, items: Any) -> list[Any]:
    return [call(each) for each in items]
