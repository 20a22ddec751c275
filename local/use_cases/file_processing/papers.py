"""Documents with words that no other has, so that a search tells one from another."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence

import docx

GUIDE = (
    (
        "Guide to the Silberhorn hut",
        "It stands at 2663 metres above the sea. Forty beds, a stove, water from the glacier.",
    ),
    ("The way up", "Leave before sunrise. Behind the second bridge the path turns left into the larch wood."),
    ("At the top", "The alpenglow begins a quarter of an hour after sunset. Keep dogs on a lead."),
)
"""Title and text of each page."""

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Not a photograph</title><style>p { color: teal }</style></head>
<body><h1>Lost in the mail</h1>
<p>Somebody saved a web page under the name of a picture. It tells of a <b>zeppelin</b> over the lake.</p>
<script>var hidden = "unfindable";</script></body></html>
"""

NOTES = """# Packing list

- crampons, **gaiters**, a rope of 40 m
- [weather](https://example.com/weather) of three days

| What | Pieces |
|---|---|
| carabiner | 6 |
"""

NEW_NOTES = """# Packing list

- snowshoes instead, since **avalanches** are about
- [weather](https://example.com/weather) of three days

| What | Pieces |
|---|---|
| shovel | 2 |
"""

DRAFT = "This draft about the funicular was never meant to be read by anybody, and goes in a moment.\n" * 3

LETTER = "Dear keeper, we counted seven ibexes on the moraine at noon. One of them limps.\n"


def pdf(pages: Sequence[tuple[str, str]]) -> bytes:
    """A PDF of so many pages, in one of the fonts that each reader has."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(len(pages))), len(pages)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, (title, text) in enumerate(pages):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (5 + 2 * number)
        )
        drawn = _drawn(title, text)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    data, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def _drawn(title: str, text: str) -> bytes:
    lines = "".join(f"({line}) Tj T* " for line in textwrap.wrap(text, 70))
    return f"BT /F1 22 Tf 60 770 Td ({title}) Tj /F1 12 Tf 18 TL 0 -40 Td {lines}ET".encode("latin-1")


def minutes() -> bytes:
    """A document of a word processor."""
    document = docx.Document()
    document.core_properties.title = "Minutes of the hut's committee"
    document.add_heading("Minutes", 1)
    document.add_paragraph("The treasurer reports a surplus. The chimney is to be swept before the equinox.")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Firewood", "eleven steres"
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
