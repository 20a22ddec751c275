"""Video and audio through their processor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lambdas.file_processing.contract.limits import Limits, MediaLimits
from lambdas.file_processing.domain.media.process import process
from lambdas.file_processing.domain.processing import Input, Processed


@dataclass(frozen=True)
class Made:
    """What came of a clip."""

    processed: Processed
    directory: Path

    @property
    def facts(self) -> Any:
        """Its metadata."""
        return self.processed.facts

    @property
    def names(self) -> set[str]:
        """Of its products."""
        return {product.name for product in self.processed.products}

    def path(self, name: str) -> Path:
        """Of a product."""
        [product] = [each for each in self.processed.products if each.name == name]
        return product.path


def processed(path: Path, media: MediaLimits | None = None) -> Made:
    """Processes a file; products stand beside it."""
    directory = path.with_name(f"{path.name}.products")
    directory.mkdir(exist_ok=True)
    given = Input(path=path, name=f"inbox/{path.name}", kind="video", size=path.stat().st_size)
    return Made(process(given, directory, Limits(media=media or MediaLimits())), directory)
