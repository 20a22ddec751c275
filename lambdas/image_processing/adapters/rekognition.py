"""What a picture shows, by Amazon Rekognition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.common.tables.pictures.layout import Label
from lambdas.image_processing.contract import Recognition

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


@dataclass(frozen=True)
class RekognitionRecognizer:
    """Labels and moderation labels by Amazon Rekognition."""

    client: RekognitionClient
    max_labels: int
    blocking_confidence: float

    def look(self, jpeg: bytes) -> Recognition:
        """Asks both operations; each takes the picture's bytes, at most 5 MB."""
        labels = self.client.detect_labels(Image={"Bytes": jpeg}, MaxLabels=self.max_labels)["Labels"]
        moderation = self.client.detect_moderation_labels(
            Image={"Bytes": jpeg},
            # Left out, the service would keep to itself what it is less than 50 % sure of.
            MinConfidence=min(50.0, self.blocking_confidence),
        )["ModerationLabels"]
        return Recognition(
            state="done",
            labels=tuple(Label(name=each["Name"], confidence=each["Confidence"]) for each in labels),
            moderation=tuple(Label(name=each["Name"], confidence=each["Confidence"]) for each in moderation),
        )
