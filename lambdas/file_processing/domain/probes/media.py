"""Video and audio, by the containers that FFmpeg's libraries read."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.probes.mpeg import is_adts, is_mpeg_audio, is_transport_stream
from lambdas.file_processing.domain.processing import Head

_AUDIO = {
    re.compile(pattern, re.DOTALL): media_type
    for pattern, media_type in {
        rb"(?:RIFF|RF64|RIFX)....WAVE": "audio/wav",
        rb"fLaC\x00": "audio/flac",
        rb"FORM....AIF[FC]": "audio/aiff",
        rb"#!AMR(?:-WB)?\n": "audio/amr",
        rb"caff\x00\x01": "audio/x-caf",
        rb"\.snd\x00\x00.{6}\x00\x00\x00[\x01-\x1c]": "audio/basic",
        rb"wvpk.{4}[\x02-\x10]\x04": "audio/x-wavpack",
        rb"MAC [\x80-\xff]\x0f|MAC \x96\x0f": "audio/x-ape",
    }.items()
}
_VIDEO = {
    re.compile(pattern, re.DOTALL): media_type
    for pattern, media_type in {
        rb"RIFF....AVI ": "video/x-msvideo",
        rb"FLV\x01[\x00\x01\x04\x05]\x00\x00\x00\x09": "video/x-flv",
        rb"\x00\x00\x01\xba[\x21\x44-\x7f]": "video/mpeg",
        rb"\x00\x00\x01\xb3.{3}[\x11-\x8f]": "video/mpeg",
        rb"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02": "application/mxf",
    }.items()
}
_BOX = re.compile(rb".{4}(ftyp|moov|mdat|wide|free|skip|pnot)(.{4})", re.DOTALL)
_HANDLER = re.compile(rb"hdlr.{8}(vide|soun)", re.DOTALL)
_PICTURE_BRANDS = re.compile(rb"avi[fs]|hei[cxms]|hev[cxms]|mif1|msf1|jp2 |jxl |crx ")
_EBML, _ASF = b"\x1aE\xdf\xa3", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_OGG_VIDEO = b"\x80theora", b"\x80daala", b"BBCD\x00"
_OGG_AUDIO = b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   "


def is_video(head: Head) -> bool:
    """Moving pictures, as far as the first bytes tell."""
    return _kind(head).startswith(("video/", "application/"))


def is_audio(head: Head) -> bool:
    """Sound alone, as far as the first bytes tell."""
    return _kind(head).startswith("audio/")


def media_type(head: Head) -> str:
    """Its media type."""
    return _kind(head) or "application/octet-stream"


def _kind(head: Head) -> str:
    """The media type; the empty string for what is neither."""
    for signature, media_type in (_AUDIO | _VIDEO).items():
        if signature.match(head.data):
            return media_type
    if head.data.startswith(_EBML):
        return _matroska(head.data)
    if head.data.startswith(_ASF):
        return "video/x-ms-asf" if _ASF_VIDEO in head.data else "audio/x-ms-wma"
    if head.data.startswith(b"OggS\x00"):
        return _ogg(head.data)
    return _boxes(head) or _packets(head)


def _matroska(data: bytes) -> str:
    """By the codecs of its tracks; what names none here is taken for video."""
    subtype = "webm" if b"webm" in data[:64] else "x-matroska"
    codecs = set(re.findall(rb"\x86[\x81-\xa0]([VA])_", data))
    return f"{'audio' if codecs == {b'A'} else 'video'}/{subtype}"


def _ogg(data: bytes) -> str:
    """The first packet of each stream names its codec, and they all stand at the start."""
    if any(mark in data for mark in _OGG_VIDEO):
        return "video/ogg"
    return "audio/ogg" if any(mark in data for mark in _OGG_AUDIO) else ""


def _boxes(head: Head) -> str:
    """MP4 and QuickTime: by the handlers of the tracks, where these stand at the start, else by the brand."""
    box = _BOX.match(head.data)
    if not box or not 8 <= _first_box(head) <= head.size:
        return ""
    brand = box[2] if box[1] == b"ftyp" else b"qt  "
    if _PICTURE_BRANDS.fullmatch(brand):
        return ""
    handlers = set(_HANDLER.findall(head.data))
    if handlers == {b"soun"} or (not handlers and brand in {b"M4A ", b"M4B ", b"M4P ", b"F4A "}):
        return "audio/mp4"
    return {b"qt  ": "video/quicktime"}.get(brand, "video/3gpp" if brand.startswith(b"3g") else "video/mp4")


def _first_box(head: Head) -> int:
    """Its bytes: 1 stands for a size of 64 bits behind the type, 0 for all of the file (ISO/IEC 14496-12, 4.2)."""
    size = int.from_bytes(head.data[:4], "big")
    if size == 1:
        return int.from_bytes(head.data[8:16], "big")
    return size or head.size


def _packets(head: Head) -> str:
    """Streams of packets without a header over all: those that follow each other prove it."""
    if is_mpeg_audio(head):
        return "audio/mpeg"
    if is_adts(head):
        return "audio/aac"
    return "video/mp2t" if is_transport_stream(head) else ""
