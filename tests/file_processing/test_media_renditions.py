"""Renditions are files that browsers and phones play as they load them, and that tell nothing of their makers."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from unittest.mock import patch

import av
import pytest
from PIL import Image, ImageDraw

from tests.file_processing.clips import Audio, Video, boxes, make
from tests.file_processing.transcoding import Made, processed

TWO_RENDITIONS = {"video-360p.mp4", "video-720p.mp4"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With more lines than the smaller rendition, with sound, and with a maker."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    make(path, Video(size=(720, 480)), Audio(rate=44_100, layout="mono"))
    return path


@pytest.fixture(scope="module")
def made(clip: Path) -> Made:
    """What comes of it."""
    return processed(clip)


def test_products_are_renditions_poster_and_strip(made: Made) -> None:
    types = {product.name: product.content_type for product in made.processed.products}
    videos = dict.fromkeys(TWO_RENDITIONS, "video/mp4")
    assert types == videos | {"poster.jpg": "image/jpeg", "strip.jpg": "image/jpeg"}


@pytest.mark.parametrize("name", sorted(TWO_RENDITIONS))
def test_index_stands_before_the_data(made: Made, name: str) -> None:
    order = [box for box in boxes(made.path(name)) if box in {"ftyp", "moov", "mdat"}]
    assert order == ["ftyp", "moov", "mdat"]


@pytest.mark.parametrize("name", sorted(TWO_RENDITIONS))
def test_picture_is_h264_in_eight_bits(made: Made, name: str) -> None:
    with av.open(str(made.path(name))) as container:
        context = container.streams.video[0].codec_context
        assert (context.codec.canonical_name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")


@pytest.mark.parametrize("name", sorted(TWO_RENDITIONS))
def test_sound_is_aac_in_stereo(made: Made, name: str) -> None:
    with av.open(str(made.path(name))) as container:
        context = container.streams.audio[0].codec_context
        assert (context.codec.canonical_name, context.profile) == ("aac", "LC")
        assert (context.channels, context.sample_rate) == (2, 48_000)


def test_video_without_sound_gets_renditions_without_sound(tmp_path: Path) -> None:
    silent = processed(make(tmp_path / "silent.mp4", Video(size=(160, 90))))
    with av.open(str(silent.path("video-360p.mp4"))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_processing_it_again_gives_equal_bytes_and_facts(clip: Path, made: Made, tmp_path: Path) -> None:
    again = processed(_copied(clip, tmp_path))
    assert again.facts == made.facts
    assert {name: again.path(name).read_bytes() for name in again.names} == {
        name: made.path(name).read_bytes() for name in made.names
    }


def test_encoding_depends_on_nothing_that_is_left_in_memory(tmp_path: Path) -> None:
    path = make(tmp_path / "busy.mkv", Video(size=(160, 90), still=_busy, times=[number / 25 for number in range(50)]))
    made = {processed(path).path("video-360p.mp4").read_bytes() for _ in range(10)}
    assert len(made) == 1


def _busy(number: int) -> Image.Image:
    """Squares of all sizes and colours that move across each other."""
    image, dice = Image.new("RGB", (160, 90)), random.Random(1)
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, side = dice.randrange(160), dice.randrange(90), dice.randrange(8, 60)
        x, y = (x + dice.randrange(-6, 7) * number) % 160, (y + dice.randrange(-6, 7) * number) % 90
        draw.rectangle((x, y, x + side, y + side), (dice.randrange(256), dice.randrange(256), dice.randrange(256)))
    return image


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux keeps a process on one core")
def test_bytes_are_the_same_on_fewer_cores(clip: Path, made: Made, tmp_path: Path) -> None:
    copy = _copied(clip, tmp_path)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        alone = processed(copy)
    finally:
        os.sched_setaffinity(0, cores)
    assert [name for name in made.names if alone.path(name).read_bytes() != made.path(name).read_bytes()] == []


@pytest.mark.parametrize("cores", [1, 5])
def test_bytes_do_not_depend_on_the_number_of_cores(cores: int, tmp_path: Path) -> None:
    """Pixels of which four lines share a colour become others where a picture is cut into parts."""
    path = make(tmp_path / "clip.mkv", Video(size=(320, 180), codec="ffv1", pixel_format="yuv410p", times=(0.0, 0.04)))
    here = processed(path).path("video-360p.mp4").read_bytes()
    with patch.object(os, "cpu_count", return_value=cores):
        assert processed(path).path("video-360p.mp4").read_bytes() == here


def test_whoever_made_it_and_where_is_left_out(tmp_path: Path) -> None:
    path = make(tmp_path / "plain.mp4", Video(size=(160, 90), times=(0.0, 0.04)))
    tagged = tmp_path / "tagged.mov"
    with av.open(str(path)) as source, av.open(str(tagged), "w") as target:
        target.metadata["title"] = "Ann's garden"
        target.metadata["location"] = "+48.1351+011.5820/"
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert b"+48.1351" in tagged.read_bytes()
    made = processed(tagged)
    assert not [name for name in made.names if b"+48.1351" in made.path(name).read_bytes()]


def test_facts_tell_what_the_file_is(made: Made) -> None:
    facts = made.facts
    assert (facts["container"], facts["streams"]) == ("mp4", ["video h264", "audio aac"])
    assert facts["duration"] == pytest.approx(1.0, abs=0.03)
    assert facts["bit_rate"] > 0
    assert facts["audio"] == {"codec": "aac", "sample_rate": 44_100, "channels": 1}
    video = facts["video"]
    assert (video["codec"], video["width"], video["height"]) == ("h264", 720, 480)
    assert (video["frame_rate"], video["pixel_format"]) == (25.0, "yuv420p")
    assert "notes" not in facts


def _copied(path: Path, directory: Path) -> Path:
    return Path(shutil.copy(path, directory))
