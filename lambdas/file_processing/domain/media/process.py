"""Video and audio: what is known of them, stills, and renditions, or what is left to a service that takes its time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from av.video.frame import VideoFrame

from lambdas.file_processing.contract.limits import Limits, MediaLimits
from lambdas.file_processing.domain.media.cost import OverBudgetError, budget, frame_cost
from lambdas.file_processing.domain.media.facts import facts_of, notes_of
from lambdas.file_processing.domain.media.pictures import write_poster, write_strip
from lambdas.file_processing.domain.media.renditions import (
    CONTENT_TYPES,
    POSTER,
    SOUND,
    STRIP,
    WAVEFORM,
    Wanted,
    wanted,
)
from lambdas.file_processing.domain.media.seeking import glimpses
from lambdas.file_processing.domain.media.source import Picture, Source, look
from lambdas.file_processing.domain.media.transcoding import Target, transcode, transcode_sound
from lambdas.file_processing.domain.processing import Input, Job, Processed, Product, Rejected


def process(file: Input, output: Path, limits: Limits) -> Processed:
    """Renditions where they fit the budget of a function, else a job; stills in any case.

    Damaged parts are left out, and the facts say so under ``notes``: whoever can play half of a file wants that half.
    Raises Rejected for what is no media, holds nothing that can be decoded, or exceeds a limit.
    """
    source = look(file.path, limits.media)
    if source.picture is None:
        return _sound(source, output, limits.media)
    return _video(source, source.picture, output, limits.media)


def _sound(source: Source, output: Path, limits: MediaLimits) -> Processed:
    result = transcode_sound(source, output / SOUND, output / WAVEFORM, limits)
    if not result.seconds:
        raise Rejected(
            "nothing_decodable", "no part of its sound can be decoded: see that it plays, and upload it again"
        )
    products = _products(output, SOUND, WAVEFORM)
    return Processed(facts=facts_of(source, notes=notes_of(source, result)), products=products)


def _video(source: Source, picture: Picture, output: Path, limits: MediaLimits) -> Processed:
    chosen = wanted(picture.size, limits.renditions)
    cost = frame_cost(picture.size, [each.size for each in chosen]) * source.seconds * float(picture.frame_rate)
    if cost > budget(limits):
        return _left(source, picture, chosen, output, limits)
    targets = [Target(output / each.product, each.size, each.rendition.crf) for each in chosen]
    try:
        result = transcode(source, picture, targets, limits)
    except OverBudgetError:
        return _left(source, picture, chosen, output, limits)
    products = _products(output, *(each.product for each in chosen))
    return Processed(
        facts=facts_of(source, renditions=chosen, notes=notes_of(source, result)),
        products=(*products, *_stills(result.frames, output)),
    )


def _left(source: Source, picture: Picture, chosen: Sequence[Wanted], output: Path, limits: MediaLimits) -> Processed:
    job = Job(
        heights={each.rendition.name: each.rendition.height for each in chosen},
        seconds=source.seconds,
        width=picture.size.width,
        height=picture.size.height,
        rotation=picture.orientation.rotation,
        has_video=True,
        has_audio=source.sound is not None,
        is_hdr=picture.is_hdr,
    )
    stills = _stills(glimpses(source, picture, limits), output)
    return Processed(facts=facts_of(source, renditions=chosen), products=stills, job=job)


def _stills(frames: Sequence[VideoFrame], output: Path) -> tuple[Product, ...]:
    write_poster(output / POSTER, frames)
    write_strip(output / STRIP, frames)
    return _products(output, POSTER, STRIP)


def _products(output: Path, *names: str) -> tuple[Product, ...]:
    return tuple(Product(name, output / name, CONTENT_TYPES[Path(name).suffix]) for name in names)
