"""What the catalog tells of a media file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lambdas.file_processing.domain.media.renditions import Wanted
from lambdas.file_processing.domain.media.source import Picture, Sound, Source
from lambdas.file_processing.domain.media.transcoding import Pass
from lambdas.file_processing.domain.processing import Fact

_MISSING_SHARE: Final = 0.05
"""Of the declared length; less is what encoders round away."""
_MISSING_SECONDS: Final = 0.5


def facts_of(source: Source, renditions: Sequence[Wanted] = (), notes: Sequence[str] = ()) -> dict[str, Fact]:
    """Metadata as JSON: sizes in pixels as shown, bit rates in bits a second, lengths in seconds."""
    facts: dict[str, Fact] = {
        "container": source.container,
        "duration": round(source.seconds, 3),
        "bit_rate": source.bit_rate,
        "streams": list(source.streams),
    }
    if source.picture:
        facts["video"] = _video(source.picture)
    if source.sound:
        facts["audio"] = _audio(source.sound)
    if renditions:
        facts["renditions"] = [
            {"name": each.rendition.name, "width": each.size.width, "height": each.size.height} for each in renditions
        ]
    if notes:
        facts["notes"] = list(notes)
    return facts


def notes_of(source: Source, result: Pass) -> list[str]:
    """What is not as the file declares it."""
    notes = []
    missing = source.seconds - result.seconds
    if missing > max(_MISSING_SECONDS, _MISSING_SHARE * source.seconds):
        notes.append(f"ends after {result.seconds:.1f} of {source.seconds:.1f} seconds: the file is cut off or damaged")
    if result.damaged:
        notes.append(f"{result.damaged} damaged packets were left out")
    return notes


def _video(picture: Picture) -> dict[str, Fact]:
    return {
        "codec": picture.codec,
        "width": picture.size.width,
        "height": picture.size.height,
        "rotation": picture.orientation.rotation,
        "mirrored": picture.orientation.mirrored,
        "frame_rate": round(float(picture.frame_rate), 3),
        "pixel_format": picture.pixel_format,
        "interlaced": picture.interlaced,
        "hdr": picture.is_hdr,
    }


def _audio(sound: Sound) -> dict[str, Fact]:
    return {"codec": sound.codec, "sample_rate": sound.sample_rate, "channels": sound.channels}
