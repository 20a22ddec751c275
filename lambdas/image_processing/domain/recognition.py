"""Which rendition is shown to the recognition service, and what its answer means."""

from __future__ import annotations

from lambdas.image_processing.contract import Recognition
from lambdas.image_processing.domain.renditions import Encoded

MIN_SIDE, MAX_SIDE = 80, 10_000
MAX_BYTES = 5 * 1024 * 1024
"""Amazon Rekognition's limits for an image passed as bytes.

https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
"""

OFF = Recognition(state="off")
TOO_SMALL = Recognition(state="too_small")


def candidate(renditions: tuple[Encoded, ...]) -> Encoded | None:
    """The largest JPEG rendition of the whole picture that the service takes; None if there is none.

    Cropped renditions do not count: what was cut off would never be moderated.
    """
    fitting = [each for each in renditions if each.format == "jpeg" and each.spec.mode == "fit" and _is_taken(each)]
    return max(fitting, key=lambda each: each.size[0] * each.size[1], default=None)


def _is_taken(each: Encoded) -> bool:
    return min(each.size) >= MIN_SIDE and max(each.size) <= MAX_SIDE and len(each.data) <= MAX_BYTES


def blocks(seen: Recognition, confidence: float) -> bool:
    """Whether a moderation label reaches the confidence (percent) that blocks a picture."""
    return any(label.confidence >= confidence for label in seen.moderation)
