"""What the page shows of each sample, and the files that it shows."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import Image

from lambdas.common.tables.pictures.layout import Rendition, picture_id
from lambdas.image_processing.contract import Reason
from local.use_cases.image_processing.checks import Rendered
from local.use_cases.image_processing.samples import Sample
from local.use_cases.outcome import Card, Figure

_SHOWN_BY_BROWSERS = {"AVIF": "avif", "GIF": "gif", "JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_PREVIEW_PIXELS = 1600
_STEM = 12
"""Characters of a picture's id that tell the files of the page apart."""


@dataclass(frozen=True)
class Gallery:
    """Writes files into the page's directory and tells of them in cards."""

    directory: Path

    def ready(self, sample: Sample, rendered: Rendered, seconds: float) -> Card:
        """The original beside its renditions, one figure per size."""
        manifest = rendered.manifest
        stem = picture_id(manifest.source.bucket, manifest.source.key)[:_STEM]
        original = Figure(
            title=f"Original {manifest.format.upper()}",
            alt=f"{sample.title}, as uploaded",
            file=self._original(stem, sample.data),
            facts=(pixels(manifest.width, manifest.height), size(manifest.bytes)),
        )
        by_name: dict[str, list[Rendition]] = {}
        for each in sorted(manifest.renditions, key=lambda each: each.width * each.height, reverse=True):
            by_name.setdefault(each.name, []).append(each)
        figures = [self._rendition(stem, sample, same, rendered.files) for same in by_name.values()]
        facts = [("Ready after", f"{seconds:.1f} s"), ("Dominant colour", manifest.dominant_color)]
        facts += [("Note", note) for note in manifest.notes]
        return self._card(sample, "ready", facts, (original, *figures), good=True)

    def _rendition(self, stem: str, sample: Sample, same: list[Rendition], files: dict[str, bytes]) -> Figure:
        """One size in all its formats, shown in the last one, which is the one that keeps alpha."""
        for each in same:
            (self.directory / f"{stem}-{each.key.rpartition('/')[2]}").write_bytes(files[each.key])
        facts = tuple(f"{each.format.upper()} {size(each.bytes)}" for each in same)
        return Figure(
            title=same[-1].name.capitalize(),
            alt=f"{sample.title}, {same[-1].name} rendition",
            file=f"{self.directory.name}/{stem}-{same[-1].key.rpartition('/')[2]}",
            facts=(pixels(same[-1].width, same[-1].height), *facts),
        )

    def _original(self, stem: str, data: bytes) -> str:
        """The upload itself where browsers show its format, else a JPEG of it."""
        pillow_heif.register_heif_opener()
        with Image.open(io.BytesIO(data)) as picture:
            suffix = _SHOWN_BY_BROWSERS.get(picture.format or "")
            name = f"{stem}-original.{suffix or 'jpg'}"
            if suffix:
                (self.directory / name).write_bytes(data)
            else:
                picture.thumbnail((_PREVIEW_PIXELS, _PREVIEW_PIXELS))
                picture.convert("RGB").save(self.directory / name, quality=85)
        return f"{self.directory.name}/{name}"

    def rejected(self, sample: Sample, reason: Reason, seconds: float) -> Card:
        """Why the upload is in quarantine."""
        facts = [
            ("Reason", f"{reason.code}: {reason.message}"),
            ("Upload", f"{size(len(sample.data))}, kept in quarantine with reason.json"),
            ("Rejected in", f"{seconds:.1f} s"),
        ]
        return self._card(sample, "rejected", facts, good=False)

    def deleted(self, sample: Sample, seconds: float) -> Card:
        """That nothing is left."""
        facts = [("Renditions", "removed; the catalog says deleted"), ("All in", f"{seconds:.1f} s")]
        return self._card(sample, "deleted", facts, good=True)

    def wrong(self, sample: Sample, error: Exception) -> Card:
        """What is not as it should be."""
        return self._card(sample, "wrong", [("Problem", str(error))], good=False)

    def _card(
        self,
        sample: Sample,
        status: str,
        facts: list[tuple[str, str]],
        figures: tuple[Figure, ...] = (),
        *,
        good: bool,
    ) -> Card:
        return Card(title=sample.title, status=status, good=good, facts=(("Key", sample.key), *facts), figures=figures)


def pixels(width: int, height: int) -> str:
    """Dimensions for people."""
    return f"{width} \N{MULTIPLICATION SIGN} {height}"


def size(count: int) -> str:
    """Bytes for people."""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1e3:.0f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"
