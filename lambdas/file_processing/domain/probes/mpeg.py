"""Streams of MPEG that begin with a packet at once: a few bits are its signature, so several have to follow each other.

Layouts: ISO/IEC 11172-3 and 13818-3 (audio frames), 13818-7 (ADTS), 13818-1 (transport streams).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lambdas.file_processing.domain.processing import Head

_FRAMES = 3
_PACKETS = 5
_PACKET = re.compile(rb"G[^\x80-\xff].[^\x00-\x0f\x40-\x4f\x80-\x8f\xc0-\xcf]", re.DOTALL)
"""Of a transport stream: no error, and either content or an adaptation field."""
_ID3 = re.compile(rb"ID3[\x02-\x04][\x00-\x09][\x00\x20\x40\x60\x80\xa0\xc0\xe0][\x00-\x7f]{4}")
_KILOBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By version (2 stands for 2.5, too) and layer; the first index is 1."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Samples a second, by the version's bits."""


def is_mpeg_audio(head: Head) -> bool:
    """MP3 and its kin: after a tag of ID3, or frame by frame."""
    return _ID3.match(head.data) is not None or _follow(head, _audio_frame)


def is_adts(head: Head) -> bool:
    """AAC frames."""
    return _follow(head, _adts_frame)


def is_transport_stream(head: Head) -> bool:
    """Packets of 188 bytes, or of 192 with a time before each."""
    return any(
        head.size >= _PACKETS * length
        and all(_PACKET.match(head.data, packet * length + start) for packet in range(_PACKETS))
        for start, length in ((0, 188), (4, 192))
    )


def _follow(head: Head, length_of: Callable[[bytes], int]) -> bool:
    """Whether packets follow each other, or make up the whole file."""
    at = 0
    for _ in range(_FRAMES):
        length = length_of(head.data[at : at + 6])
        if not length:
            return False
        at += length
        if head.whole and at == head.size:
            return True
    return True


def _audio_frame(data: bytes) -> int:
    """Bytes of the frame that begins here; 0 if there is none."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[1] >> 3 & 3, 4 - (data[1] >> 1 & 3)
    kilobits, rate, padding = data[2] >> 4, data[2] >> 2 & 3, data[2] >> 1 & 1
    if version == 1 or layer == 4 or kilobits in {0, 15} or rate == 3:
        return 0
    bits = 1000 * _KILOBITS[1 if version == 3 else 2, layer][kilobits - 1]
    if layer == 1:
        return (12 * bits // _RATES[version][rate] + padding) * 4
    samples = 72 if layer == 3 and version != 3 else 144
    return samples * bits // _RATES[version][rate] + padding


def _adts_frame(data: bytes) -> int:
    """Bytes of the frame that begins here; 0 if there is none."""
    if len(data) < 6 or data[0] != 0xFF or data[1] & 0xF6 != 0xF0 or data[2] >> 2 & 15 > 12:
        return 0
    length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return length if length >= 7 else 0
