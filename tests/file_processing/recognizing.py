"""Recognition as the Recognize function does it."""

from __future__ import annotations

from lambdas.file_processing.domain.processing import HEAD_BYTES
from lambdas.file_processing.domain.recognition import Recognized, read_head, recognize
from lambdas.file_processing.kinds import kinds
from tests.file_processing.samples import corpus


def recognized(data: bytes) -> Recognized:
    """What a file with this content is."""

    def read(start: int, length: int) -> bytes:
        return data[start : start + length]

    return recognize(read_head(data[:HEAD_BYTES], len(data), read), kinds().values())


def kind_of(data: bytes) -> str:
    """Name of its kind."""
    return recognized(data).kind.name


def mistaken() -> dict[str, str]:
    """Kinds that samples were taken for, where it is not the one that they are samples of."""
    found = {name: kind_of(data) for name, data in corpus().items()}
    return {name: kind for name, kind in found.items() if kind != name.partition("/")[0]}
