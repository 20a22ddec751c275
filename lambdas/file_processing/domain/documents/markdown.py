"""Text of Markdown: CommonMark with tables, as it is shown once it is HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.documents.draft import Clock, Draft, extracted
from lambdas.file_processing.domain.documents.encodings import encoding_of
from lambdas.file_processing.domain.documents.html import write_shown
from lambdas.file_processing.domain.documents.text import decoded
from lambdas.file_processing.domain.processing import Input, Processed

PIECE = 64 * 1024
"""Characters that are parsed at a time: the parser holds much for each, and some input takes it the square of its
length."""
_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?=[\w\"'-]+[ \t]*:)(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIELD = re.compile(r"""^(title|author|lang|language):[ \t]*["']?(.*?)["']?[ \t]*$""", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def process(file: Input, output: Path, limits: Limits, clock: Clock = monotonic) -> Processed:
    """Text without markup; title, author and language come from the front matter, or the first heading."""
    return extracted(file, output, limits, clock, _read)


def _read(path: Path, draft: Draft) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    references: dict[str, object] = {}
    for number, piece in enumerate(_pieces(decoded(path, encoding_of(path), draft))):
        body = piece if number else _without_front_matter(piece, draft)
        tokens = parser.parse(body, references)
        draft.tell("title", _heading(tokens))
        write_shown([parser.renderer.render(tokens, parser.options, references)], draft)


def _heading(tokens: Sequence[Token]) -> str | None:
    """The first one of the highest level, as it is shown."""
    for start, inline in pairwise(tokens):
        if start.type == "heading_open" and start.tag == "h1":
            shown = (each for each in inline.children or () if each.type != "html_inline")
            return "".join(" " if each.type in {"softbreak", "hardbreak"} else each.content for each in shown)
    return None


def _without_front_matter(text: str, draft: Draft) -> str:
    match = _FRONT_MATTER.match(text)
    if not match:
        return text
    for name, value in _FIELD.findall(match[1]):
        draft.tell("language" if name == "lang" else name, value)
    return text[match.end() :]


def _pieces(chunks: Iterator[str]) -> Iterator[str]:
    """Cut where a piece is big enough, at an empty line outside of code if there is one, else at a line's end."""
    lines: list[str] = []
    size = 0
    fence = ""
    for line in _lines(chunks):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
        lines.append(line)
        size += len(line)
        if size >= 2 * PIECE or (size >= PIECE and not fence and not line.strip()):
            yield "".join(lines)
            lines, size = [], 0
    if lines:
        yield "".join(lines)


def _lines(chunks: Iterator[str]) -> Iterator[str]:
    """Lines with their ends; of overlong ones pieces."""
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).splitlines(keepends=True) or [""]
        yield from whole
        if rest.endswith("\n") or len(rest) > PIECE:
            yield rest
            rest = ""
    if rest:
        yield rest
