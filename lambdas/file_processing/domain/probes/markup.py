"""HTML, and other markup by its root element."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.probes.prose import markdown_score
from lambdas.file_processing.domain.probes.text import text_of
from lambdas.file_processing.domain.processing import Head

_BEFORE = re.compile(r"\s+|<!--.*?-->|<\?xml\b.*?\?>", re.DOTALL)
_ROOT = re.compile(r"<!doctype\s+([a-z][\w:-]*)|<([a-z][\w:-]*)(?=[\s/>])", re.IGNORECASE)
_PAGE = frozenset(
    {"html", "head", "body", "title", "meta", "link", "base", "style", "script", "netscape-bookmark-file-1"}
)
"""What a page begins with, the tags that may be left out left out."""
_FRAGMENT = re.compile(
    "a|article|b|blockquote|br|center|div|dl|font|footer|form|h[1-6r]|header|iframe|img|main|nav|ol|p|pre|section|span|"
    "table|ul"
)
"""What a piece of a page begins with, and many a Markdown file."""


def is_html(head: Head) -> bool:
    """A page, or a piece of one that is no Markdown."""
    root = root_of(head)
    if root is None:
        return False
    return root in _PAGE or (_FRAGMENT.fullmatch(root) is not None and not markdown_score(head))


def root_of(head: Head) -> str | None:
    """Name of the element that the text begins with, in lower case; comments may stand before it."""
    text = text_of(head)
    if text is None:
        return None
    at = 0
    while before := _BEFORE.match(text, at):
        at = before.end()
    root = _ROOT.match(text, at)
    return (root[1] or root[2]).lower() if root else None
