"""Files of every kind that has a share of the bill: made, not kept, so that they are the same everywhere."""

from __future__ import annotations

import io
import math
import wave
import zipfile
from array import array
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

IMAGE_BYTES: Final = 3_000_000
"""Of a photograph; its content does not matter."""
MEMBERS: Final = 10
CLIP_SECONDS, SOUND_SECONDS = 10, 60
_WORDS: Final = ("quarterly", "report", "warehouse", "parcels", "counted", "late", "early", "lost", "found", "returned")


def text(size: int = 20_000) -> bytes:
    """Prose, as far as anybody counts words."""
    words = (_WORDS[(at * at + at // 7) % len(_WORDS)] for at in range(size // 5))
    return " ".join(f"{each}\n" if at % 12 == 11 else each for at, each in enumerate(words)).encode()


def pdf(pages: int = 10) -> bytes:
    """Pages of text in one of the fonts that every reader has."""
    lines = text(3_000).decode().splitlines()
    shown = "".join(f"({each.strip()}) Tj T* " for each in lines)
    content = f"BT /F1 9 Tf 12 TL 40 780 Td {shown}ET".encode()
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for page in range(pages):
        resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 595 842]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {5 + 2 * page} 0 R >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, each))
    start = out.tell()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def office() -> bytes:
    """A text document."""
    from docx import Document

    document = Document()
    for paragraph in text(60_000).decode().splitlines():
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def csv(rows: int = 20_000) -> bytes:
    """About a megabyte."""
    return b"id,name,amount,day\n" + b"".join(
        b"%d,customer number %d,%d.%02d,2026-11-%02d\n" % (at, at % 997, at % 500, at % 100, at % 28 + 1)
        for at in range(rows)
    )


def access_log(lines: int = 10_000) -> bytes:
    """About a megabyte, in the combined format, over an hour."""
    agent = b'"https://www.example.com/" "Mozilla/5.0 (X11; Linux x86_64)"'
    return b"".join(
        b'203.0.113.%d - - [26/Nov/2026:10:%02d:%02d +0000] "GET /items/%d HTTP/1.1" %d %d %b\n'
        % (at % 250, at * 60 // lines, at % 60, at % 40, 200 if at % 50 else 404, 500 + at % 9000, agent)
        for at in range(lines)
    )


def archive_zip() -> bytes:
    """Texts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(MEMBERS):
            archive.writestr(f"{number}.txt", text())
    return out.getvalue()


def audio() -> bytes:
    """A tone, in stereo."""
    out, rate = io.BytesIO(), 44_100
    tone = array("h", (int(9_000 * math.sin(at / 17)) for at in range(2 * rate * SOUND_SECONDS)))
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(tone.tobytes())
    return out.getvalue()


def video() -> bytes:
    """A clip at 1080p and 30 frames a second, without sound: a gradient that moves."""
    import av

    out, width, height = io.BytesIO(), 1920, 1080
    with av.open(out, "w", format="mp4") as file:
        stream = cast(Any, file.add_stream("libx264", rate=30))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        row = bytes(range(256)) * (2 * width // 256 + 2)
        for number in range(30 * CLIP_SECONDS):
            frame = av.VideoFrame(width, height, "yuv420p")
            for plane in frame.planes:
                lines = (
                    row[at * 3 % 256 + number : at * 3 % 256 + number + plane.line_size] for at in range(plane.height)
                )
                plane.update(b"".join(lines))
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


SAMPLES: Final[Mapping[str, Callable[[], bytes]]] = {
    "text": text,
    "pdf": pdf,
    "office": office,
    "csv": csv,
    "access_log": access_log,
    "archive_zip": archive_zip,
    "audio": audio,
    "video": video,
}
"""By kind."""
