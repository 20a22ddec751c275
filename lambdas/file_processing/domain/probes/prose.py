"""Markdown, by the marks that people use; and all other text."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.probes.text import lines_of, text_of
from lambdas.file_processing.domain.processing import Head

_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_CLEAR = (
    re.compile(r"(?<![\w\])])!?\[[^\[\]\n]{1,300}\]\([^()\s]{1,500}[)\s]"),  # a link; not the call of an item in code
    re.compile(r"^ {0,3}\[[^\]\n]{1,300}\]: \S+\s*$"),  # what a link refers to
    re.compile(r"^\s*\|?\s*:?-{3,}:?\s*\|[\s:|-]*$"),  # below a table's head
)
"""Marks that mean little elsewhere."""
_HINTS = (
    re.compile(r"\*\*[^\s*][^*\n]{0,200}\*\*|(?<!\w)__[^\s_][^_\n]{0,200}__(?!\w)"),
    re.compile(r"(?<!`)`[^`\n]{1,200}`(?!`)"),
    re.compile(r"^ {0,3}[-*+] \S"),
    re.compile(r"^ {0,3}\d{1,3}[.)] \S"),
    re.compile(r"^ {0,3}> ?\S"),
    re.compile(r"^(?:={3,}|-{3,})\s*$"),
)
"""Marks that mail, configuration and comments have, too."""
_HEADING = re.compile(r"#{1,6} +\S")
_CODE = re.compile(
    r"[;{}(\[\\,]\s*$"  # ends of statements, and of lines that go on
    r"|^\s*[\w.-]+\s*(?:[:=]=?|\+=)\s"  # assignments, and keys of configuration
    r"|^\s*(?://|/\*| \* |\"\"\"|#\s*(?:include|define|if|ifdef|ifndef|else|endif|undef|pragma)\b)"
    r"|^\s*(?:import|from \S+ import|def|class|return|function|const|let|var|export|public|private|static|elif|else)\b"
    r"|\w\([^)]*\)[:;]?\s*$"  # calls
)
_MAX_CODE_SHARE = 0.25
_ENOUGH = 3


def is_markdown(head: Head) -> bool:
    """Whether there are marks enough of different sorts, one of them clear, and few lines as programs have them."""
    return bool(markdown_score(head))


def is_text(head: Head) -> bool:
    """Any text."""
    return text_of(head) is not None


def markdown_score(head: Head) -> int:
    """2 for each sort of clear marks, 1 for each hint; 0 where that is not enough."""
    lines = lines_of(head)
    if not lines or lines[0].startswith("#!"):
        return 0
    prose, fenced = _without_code(lines)
    written = [line for line in prose if line.strip()]
    if sum(_CODE.search(line) is not None for line in written) > _MAX_CODE_SHARE * len(written):
        return 0
    clear = fenced + _has_heading(prose) + sum(any(map(mark.search, written)) for mark in _CLEAR)
    score = 2 * clear + sum(any(map(mark.search, written)) for mark in _HINTS)
    return score if clear and score >= _ENOUGH else 0


def _without_code(lines: list[str]) -> tuple[list[str], bool]:
    """The lines outside of front matter and fenced blocks, and whether there were fenced ones."""
    if lines[0] == "---" and "---" in lines[1:]:
        lines = lines[lines.index("---", 1) + 1 :]
    prose, inside, fenced = [], False, False
    for line in lines:
        if _FENCE.match(line):
            inside, fenced = not inside, True
        elif not inside:
            prose.append(line)
    return prose, fenced


def _has_heading(lines: list[str]) -> bool:
    """A heading stands alone between empty lines; comments of programs stand at what they are about."""
    around = ["", *lines, ""]
    return any(
        _HEADING.match(line) and not before.strip() and not after.strip()
        for before, line, after in zip(around, lines, around[2:], strict=False)
    )
