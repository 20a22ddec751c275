"""Sound by itself: one rendition and a picture of it, whatever it was recorded with."""

from __future__ import annotations

import math
import struct
from array import array
from pathlib import Path

import av
import pytest
from PIL import Image

from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.clips import SAMPLE_RATE, Audio, Video, make, seen
from tests.file_processing.transcoding import processed


def _loudness(samples: array[int]) -> float:
    """Root of the mean square, less the ends, where coders fade."""
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    return math.sqrt(sum(sample * sample for sample in middle) / len(middle)) / 32_768


@pytest.mark.parametrize(
    ("name", "audio"),
    [
        ("music.flac", Audio(codec="flac", rate=96_000)),
        ("music.mp3", Audio(codec="libmp3lame", rate=44_100)),
        ("music.ogg", Audio(codec="libopus")),
        ("music.m4a", Audio(rate=22_050)),
        ("music.wv", Audio(codec="wavpack")),
        ("music.aiff", Audio(codec="pcm_s16be")),
        ("voice.au", Audio(codec="pcm_s16be", rate=16_000)),
        ("voice.wav", Audio(codec="pcm_s16le", rate=8_000, layout="mono")),
        ("cinema.flac", Audio(codec="flac", layout="5.1")),
    ],
)
def test_sound_of_any_kind_becomes_stereo_of_the_same_length(tmp_path: Path, name: str, audio: Audio) -> None:
    made = processed(make(tmp_path / name, audio=audio))
    assert made.names == {"audio.m4a", "waveform.png"}
    heard = seen(made.path("audio.m4a"))
    assert len(heard.samples) / SAMPLE_RATE == pytest.approx(1.0, abs=0.05)
    with av.open(str(made.path("audio.m4a"))) as container:
        assert (container.streams.audio[0].channels, container.streams.audio[0].sample_rate) == (2, 48_000)


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_sound_stays_as_loud_as_it_was(tmp_path: Path, layout: str) -> None:
    audio = Audio(codec="pcm_s16le", layout=layout, volume=lambda _: 0.5)
    heard = seen(processed(make(tmp_path / "tone.wav", audio=audio)).path("audio.m4a"))
    assert _loudness(heard.samples) == pytest.approx(0.5 / 2**0.5, rel=0.03)


def test_waveform_shows_where_it_is_loud(tmp_path: Path) -> None:
    audio = Audio(codec="pcm_s16le", seconds=2, volume=lambda seconds: 0.9 if seconds < 1 else 0.05)
    made = processed(make(tmp_path / "fading.wav", audio=audio))
    with Image.open(made.path("waveform.png")) as picture:
        inked = [sum(picture.getpixel((x, y)) < 128 for y in range(picture.height)) for x in (100, 1_100)]  # type: ignore[operator]
        assert picture.size == (1280, 160)
    assert inked == [pytest.approx(0.9 * 160, abs=4), pytest.approx(0.05 * 160, abs=4)]


def test_cover_of_an_album_is_no_video(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.mp3", audio=Audio(codec="libmp3lame"))
    cover = make(tmp_path / "cover.mp4", Video(size=(160, 90), codec="mjpeg", pixel_format="yuvj420p", times=(0.0,)))
    album = tmp_path / "album.mp3"
    with av.open(str(plain)) as sound, av.open(str(cover)) as picture, av.open(str(album), "w") as target:
        streams = [(each, target.add_stream_from_template(each.streams[0], opaque=True)) for each in (sound, picture)]
        streams[1][1].disposition = av.stream.Disposition.attached_pic
        for source, stream in streams:
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
    made = processed(album)
    assert made.facts["streams"] == ["audio mp3", "video mjpeg"]
    assert made.names == {"audio.m4a", "waveform.png"}


def test_titles_in_any_encoding_are_no_obstacle(tmp_path: Path) -> None:
    path = make(tmp_path / "titled.wav", audio=Audio(codec="pcm_s16le"))
    title = b"caf\xe9\x80\0"
    info = b"INFOINAM" + len(title).to_bytes(4, "little") + title
    path.write_bytes(path.read_bytes() + b"LIST" + len(info).to_bytes(4, "little") + info)
    assert processed(path).facts["audio"]["codec"] == "pcm_s16le"


def test_sound_that_changes_its_rate_and_channels_midway_is_whole(tmp_path: Path) -> None:
    first = make(tmp_path / "first.ts", audio=Audio(codec="mp2"))
    second = make(tmp_path / "second.ts", audio=Audio(codec="mp2", rate=22_050, layout="mono", begins=1.0))
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    heard = seen(processed(path).path("audio.m4a"))
    assert len(heard.samples) / SAMPLE_RATE == pytest.approx(2.0, abs=0.06)


def test_sound_without_a_sample_is_rejected(tmp_path: Path) -> None:
    path = make(tmp_path / "short.wav", audio=Audio(codec="pcm_s16le"))
    path.write_bytes(path.read_bytes()[: path.read_bytes().index(b"data") + 8])
    with pytest.raises(Rejected) as rejected:
        processed(path)
    assert rejected.value.code == "nothing_decodable"


def _wave(path: Path, samples: bytes, *, bits: int, channels: int = 1, rate: int = SAMPLE_RATE, form: int = 1) -> Path:
    """A RIFF file with whatever header, as no encoder would write it."""
    frame = channels * bits // 8
    header = struct.pack("<4sIHHIIHH", b"fmt ", 16, form, channels, rate, rate * frame % 2**32, frame, bits)
    body = b"WAVE" + header + struct.pack("<4sI", b"data", len(samples)) + samples
    path.write_bytes(struct.pack("<4sI", b"RIFF", len(body)) + body)
    return path


@pytest.mark.parametrize("sample", [math.nan, math.inf, -math.inf, 1e30])
def test_samples_that_are_no_numbers_or_endless_are_no_obstacle(tmp_path: Path, sample: float) -> None:
    samples = array("f", [0.25 * math.sin(at / 20) for at in range(SAMPLE_RATE)])
    samples[SAMPLE_RATE // 2] = sample
    made = processed(_wave(tmp_path / "float.wav", samples.tobytes(), bits=32, form=3))
    assert len(seen(made.path("audio.m4a")).samples) / SAMPLE_RATE == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("channels", [9, 64])
def test_of_channels_that_nobody_has_a_name_for_the_first_two_are_heard(tmp_path: Path, channels: int) -> None:
    tones = [round(16_384 * math.sin(at / 8)) for at in range(SAMPLE_RATE)]
    samples = array("h", [value for tone in tones for value in (tone, tone, *[0] * (channels - 2))])
    made = processed(_wave(tmp_path / "many.wav", samples.tobytes(), bits=16, channels=channels))
    assert _loudness(seen(made.path("audio.m4a")).samples) == pytest.approx(0.5 / 2**0.5, rel=0.03)


@pytest.mark.parametrize(("channels", "rate"), [(255, SAMPLE_RATE), (1, 2**31 - 1)])
def test_sound_that_no_resampler_takes_is_rejected(tmp_path: Path, channels: int, rate: int) -> None:
    path = _wave(tmp_path / "odd.wav", bytes(2 * channels * 2_000), bits=16, channels=channels, rate=rate)
    with pytest.raises(Rejected) as rejected:
        processed(path)
    assert rejected.value.code == "nothing_decodable"
