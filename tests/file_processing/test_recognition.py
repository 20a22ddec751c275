"""Every sample is recognised by its content, whole or cut, and whatever else comes is something."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.probes.text import lines_of
from lambdas.file_processing.domain.processing import HEAD_BYTES, Head
from lambdas.file_processing.domain.recognition import read_head, recognize
from lambdas.file_processing.kinds import kinds
from tests.file_processing.recognizing import kind_of, mistaken, recognized
from tests.file_processing.samples import archives, corpus, sample, texts


def test_every_sample_is_of_the_kind_that_made_it() -> None:
    assert mistaken() == {}


def test_the_corpus_has_samples_of_every_kind() -> None:
    assert {name.partition("/")[0] for name in corpus()} == set(kinds())


MEDIA_TYPES = {
    "image/png": "image/png",
    "image/svg": "image/svg+xml",
    "image/gimp": "image/x-xcf",
    "video/webm": "video/webm",
    "audio/mp3": "audio/mpeg",
    "office/docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "office/ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv/commas": "text/csv",
    "unknown/sqlite": "application/x-sqlite3",
    "unknown/noise": "application/octet-stream",
}


@pytest.mark.parametrize(("name", "media_type"), MEDIA_TYPES.items())
def test_media_types_are_as_precise_as_the_content(name: str, media_type: str) -> None:
    assert recognized(sample(name)).media_type == media_type


def test_every_media_type_is_one() -> None:
    assert [each for each in map(recognized, corpus().values()) if each.media_type.count("/") != 1] == []


LONG: dict[str, Callable[[int], str]] = {
    "csv": lambda number: f'{number},"Größe, {number}",{number * 3}\n',
    "json_lines": lambda number: json.dumps({"id": number, "größe": "ü" * (number % 50)}, ensure_ascii=False) + "\n",
    "access_log": lambda number: texts.COMBINED.replace("/a?", f"/ö{number}?"),
    "text": lambda number: f"Größe Nummer {number} ist schön.\n",
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("shift", range(9))
def test_the_end_of_the_first_bytes_may_cut_lines_and_characters(kind: str, shift: int) -> None:
    data = ("x" * shift + "".join(map(LONG[kind], range(6000)))).encode()
    if kind == "json_lines":
        data = b"{" + data[shift + 1 :]
    assert len(data) > HEAD_BYTES
    assert kind_of(data) == kind


@pytest.mark.parametrize("end", range(HEAD_BYTES - 40, HEAD_BYTES))
def test_a_long_json_document_is_one_wherever_it_is_cut(end: int) -> None:
    rest = '"x\\u00fcy": [true, false, null, -1.5e3, "a\\n"], "ü": {}}'
    padding = '{"p": "' + "x" * (end - len('{"p": "",')) + '",'
    assert kind_of((padding + rest + " " * 99).encode()) == "json"


@pytest.mark.parametrize("shift", range(40))
def test_a_long_list_is_one_wherever_it_is_cut(shift: int) -> None:
    items = r'-1.5e3, true, "a\u00fc\n", null, [{}], 17, '
    assert kind_of((" " * shift + "[" + items * 2000).encode()) == "json"


@pytest.mark.parametrize(("whole", "lines"), [(True, ["one", "two", "th"]), (False, ["one", "two"])])
def test_a_line_that_may_be_cut_is_no_line(*, whole: bool, lines: list[str]) -> None:
    assert lines_of(Head(data=b"one\r\ntwo\nth", size=11, whole=whole)) == lines


def test_a_document_that_breaks_after_the_first_bytes_is_left_to_its_processor() -> None:
    assert kind_of(json.dumps({"a": ["x" * 100] * 1000}).encode() + b"}") == "json"


def test_two_lines_of_json_longer_than_the_first_bytes_together_are_lines() -> None:
    lines = (json.dumps({"a": "x" * 40_000}) + "\n") * 2
    assert kind_of(lines.encode()) == "json_lines"


@pytest.mark.parametrize("name", ["gzip/csv", "archive_tar/gzip", "access_log/gzip", "gzip/picture"])
def test_only_kinds_that_ask_for_gzip_are_offered_it(name: str) -> None:
    kind = recognized(sample(name)).kind
    assert kind.gzipped


def test_a_directory_too_large_to_read_leaves_an_archive() -> None:
    names = {f"{number:05}{'x' * 200}": b"" for number in range(5000)}
    assert kind_of(archives.zipped(names | {"[Content_Types].xml": b"", "word/document.xml": b""})) == "archive_zip"


def test_the_directory_is_read_in_ranges_of_bounded_size() -> None:
    data, asked = archives.zipped({f"{number}.txt": b"x" * 9000 for number in range(3000)}), []
    file = io.BytesIO(data)

    def read(start: int, length: int) -> bytes:
        asked.append(length)
        file.seek(start)
        return file.read(length)

    head = read_head(data[:HEAD_BYTES], len(data), read)
    assert len(head.members) == 3000
    assert len(asked) <= 3
    assert max(asked) <= 1024 * 1024


POLYGLOTS = {
    "gif with script": (b"GIF89a/*" + bytes(20) + b"*/=1;<script>alert(1)</script>", "image"),
    "pdf within html": (b"<html><!-- %PDF-1.7 --></html>", "html"),
    "html within pdf": (b"%PDF-1.7\n<html></html>", "pdf"),
    "archive after a picture": (b"\x89PNG\r\n\x1a\n" + archives.zipped(archives.FILES), "image"),
    "archive after a page": (texts.PAGE.encode() + archives.zipped(archives.FILES), "unknown"),
    "office names in an archive of other things": (
        archives.zipped({"[Content_Types].xml": b"", "invoice.exe": b"MZ"}),
        "archive_zip",
    ),
    "jpeg by three bytes": (b"\xff\xd8\xff", "image"),
    "mp4 by its brand alone": (b"\0\0\0\x18ftypisom" + bytes(12), "video"),
    "first box larger than the file": (b"\xff\0\0\x18moov" + bytes(12), "unknown"),
    "data up to the end of the file": (b"\0\0\0\0mdat" + bytes(12), "video"),
    "data larger than the file, in 64 bits": (b"\0\0\0\1mdat" + (21).to_bytes(8) + bytes(4), "unknown"),
    "sync bits alone": (b"\xff\xfb\x90\x00" + b"\0" * 2000, "unknown"),
    "letters where packets begin": (b"G" * 2000, "text"),
    "size of a picture, and words": (b"P1 10 20 minutes down\nP2 100 200 calls, no harm\n", "text"),
    "two letters of bmp": (b"BM, said the master.\n", "text"),
}


@pytest.mark.parametrize(("data", "kind"), POLYGLOTS.values(), ids=POLYGLOTS)
def test_what_is_two_things_is_the_one_that_its_first_bytes_say(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


@settings(deadline=None)
@given(st.binary(max_size=2000), st.booleans())
def test_whatever_comes_is_of_one_kind(data: bytes, whole: bool) -> None:  # noqa: FBT001  drawn by hypothesis
    head = Head(data=data, size=len(data) + (not whole), whole=whole)
    assert recognize(head, kinds().values()).kind.name in kinds()


@settings(deadline=None)
@given(st.data())
def test_samples_cut_and_joined_anywhere_are_of_one_kind(drawn: st.DataObject) -> None:
    one, other = (drawn.draw(st.sampled_from(sorted(corpus()))) for _ in range(2))
    at, upto = (drawn.draw(st.integers(0, 3000)) for _ in range(2))
    assert kind_of(sample(one)[:at] + sample(other)[upto:][:HEAD_BYTES]) in kinds()


@settings(deadline=None)
@given(st.binary(min_size=64, max_size=512))
def test_noise_is_not_taken_for_something_that_is_processed(data: bytes) -> None:
    assert kind_of(b"\xee\x00" + data) in {"unknown", "image"}


@settings(deadline=None)
@given(st.integers(), st.integers(64, HEAD_BYTES))
def test_noise_is_no_text_though_it_has_no_control_characters(seed: int, length: int) -> None:
    noise = random.Random(seed).randbytes(length).translate(None, bytes(range(32)) + b"\x7f")
    assert kind_of(b"\xee" + noise) == "unknown"


@pytest.mark.parametrize("trailer", [b"</svg>", b"TRUEVISION-XFILE.\0"])
@pytest.mark.parametrize("end", [4096, HEAD_BYTES])
def test_the_end_of_what_is_looked_at_is_not_taken_for_the_end_of_a_picture(trailer: bytes, end: int) -> None:
    noise = sample("unknown/noise") * 14
    assert kind_of(noise[: end - len(trailer)] + trailer + noise) == "unknown"


HOSTILE = [
    "[",
    "{",
    '{"a":',
    "[a](",
    "<!--",
    "<!doctype ",
    "# a\n\n",
    '"',
    "\\",
    ",\n",
    "|-",
    "`",
    "**",
    "> ",
    "(",
    "\r",
    "P2 ",
    "#\n",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_endless_repetition_ends(pattern: str) -> None:
    assert kind_of((pattern * HEAD_BYTES)[: HEAD_BYTES + 9].encode()) in kinds()
