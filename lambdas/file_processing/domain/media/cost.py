"""What transcoding costs, in frames of the usual video, so that a function ends before its time does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.media.geometry import Size

_ENCODING: Final = 5
"""How many times longer than a decoded pixel an encoded one takes (measured with H.264; other codecs decode slower)."""
_LEAST_PIXELS: Final = 50_000
"""What handling a frame costs, however small it is."""
_USUAL: Final = Size(1920, 1080)
_USUAL_RATE: Final = 30
_USUAL_TARGETS: Final = (Size(1280, 720), Size(640, 360))


class OverBudgetError(Exception):
    """The file turned out to be more work than a function may do, whatever its header said."""


def frame_cost(size: Size, targets: Sequence[Size]) -> float:
    """Of decoding and encoding one frame; 1 for 1080p to 720p and 360p."""
    return _pixels(size, targets) / _pixels(_USUAL, _USUAL_TARGETS)


def budget(limits: MediaLimits) -> float:
    """Frames that a function may handle."""
    return limits.max_function_seconds * _USUAL_RATE


def _pixels(size: Size, targets: Sequence[Size]) -> int:
    return _LEAST_PIXELS + size.pixels + _ENCODING * sum(target.pixels for target in targets)


@dataclass
class Meter:
    """What is spent of a budget."""

    left: float

    def spend(self, cost: float) -> None:
        """Raises OverBudgetError."""
        self.left -= cost
        if self.left < 0:
            raise OverBudgetError
