"""Renditions are played in Chromium from their first frame to their last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.file_processing.clips import Audio, Video, make, turned
from tests.file_processing.transcoding import processed

pytestmark = pytest.mark.xdist_group("player")

_PLAYED = """async () => {
    const player = document.querySelector('video, audio');
    await new Promise((loaded, failed) => {
        player.onloadeddata = loaded;
        player.onerror = () => failed(player.error.message);
        player.src = player.dataset.src;
    });
    await player.play();
    await new Promise(ended => { player.onended = ended; });
    return {
        width: player.videoWidth,
        height: player.videoHeight,
        duration: player.duration,
        reached: player.currentTime,
        frames: player.getVideoPlaybackQuality?.().totalVideoFrames,
        sound: player.webkitAudioDecodedByteCount,
    };
}"""


def _played(browser: Browser, product: Path, element: str) -> Any:
    page_file = product.with_suffix(".html")
    page_file.write_text(f"<!doctype html><{element} data-src='{product.name}' muted></{element}>")
    page = browser.new_page()
    try:
        page.goto(page_file.as_uri())
        return page.evaluate(_PLAYED)
    finally:
        page.close()


def test_phone_video_is_played_upright_with_its_sound(browser: Browser, tmp_path: Path) -> None:
    phone = turned(make(tmp_path / "phone.mp4", Video(size=(640, 480)), Audio()), (0, 1, -1, 0))
    played = _played(browser, processed(phone).path("video-360p.mp4"), "video")
    assert (played["width"], played["height"]) == (360, 480)
    assert played["reached"] == played["duration"] == pytest.approx(1.0, abs=0.04)
    assert played["frames"] == 25
    assert played["sound"] > 0


def test_sound_is_played(browser: Browser, tmp_path: Path) -> None:
    sound = make(tmp_path / "sound.flac", audio=Audio(codec="flac", rate=44_100, layout="mono"))
    played = _played(browser, processed(sound).path("audio.m4a"), "audio")
    assert played["reached"] == played["duration"] == pytest.approx(1.0, abs=0.03)
