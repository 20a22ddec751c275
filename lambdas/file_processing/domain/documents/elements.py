"""Elements of HTML by what they do to text (HTML Standard, sections 4.12 and 15.3)."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.documents.draft import Gap


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


HIDDEN = _names("audio canvas datalist iframe noembed noframes noscript object script style template video")
DRAWINGS = _names("math svg")
HIDDEN_IN_DRAWINGS = _names("annotation defs desc metadata title")
LINES_KEPT = _names("plaintext pre textarea xmp")

_PARAGRAPHS = _names(
    "address article aside blockquote dialog dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p "
    "plaintext pre section table title ul xmp"
)
_LINES = _names(
    "br caption dd details div dt figcaption legend li optgroup option select summary tbody textarea tfoot thead tr"
)
_CELLS = _names("td th")
_BOXES = _names("button input meter progress text")
"""Which have a frame, or are labels of a drawing."""
GAPS = dict.fromkeys(_PARAGRAPHS, Gap.PARAGRAPH) | dict.fromkeys(_LINES, Gap.LINE)
GAPS |= dict.fromkeys(_CELLS, Gap.TAB) | dict.fromkeys(_BOXES, Gap.SPACE)
"""White space before and after elements."""

_NOT_SHOWN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)


def hides(hidden: str | None, style: str) -> bool:
    """Whether an element with these attributes is not shown. ``hidden="until-found"`` is shown to those who search."""
    if hidden is not None:
        return hidden.strip().lower() != "until-found"
    return bool(_NOT_SHOWN.search(style))
