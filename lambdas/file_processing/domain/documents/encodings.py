"""Which encoding text is in: as browsers decide it, but valid UTF-8 is never taken for anything else."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from lambdas.file_processing.domain.probes.text import encoding as recognized
from lambdas.file_processing.domain.processing import HEAD_BYTES

CHUNK = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF32_BE, "utf-32"),
)
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")

_SINGLE_BYTE = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
} | {name: name for name in ("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp874")}
_SINGLE_BYTE |= {f"cp{number}": f"cp{number}" for number in range(1250, 1259)}
_SINGLE_BYTE |= {f"iso8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
_MANY_BYTES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "euc_jp": "euc_jp",
    "iso2022_jp": "iso2022_jp",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_kr": "cp949",
    "cp949": "cp949",
}
"""Python's codec for what browsers mean by a name (WHATWG Encoding Standard), which often is the vendor's superset."""
_UNKNOWN = {"windows-874": "cp874", "dos-874": "cp874"}
_UNKNOWN |= {f"iso-8859-{part}-{order}": f"iso-8859-{part}" for part in (6, 8) for order in "ei"}
"""Names that browsers know and Python does not, besides those that begin with ``x-``."""


def encoding_of(path: Path, declared: str | None = None) -> str:
    """Python's name of the encoding to read a file by, with errors replaced.

    A byte order mark decides, or zeros where UTF-16 has them, then what is declared; a declaration of one byte a letter
    and no declaration at all give way to bytes that are UTF-8. Text with more letters than errors in UTF-8 is UTF-8
    with errors.
    """
    with path.open("rb") as stream:
        start = stream.read(HEAD_BYTES)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    unmarked = recognized(start, whole=len(start) < HEAD_BYTES)
    if unmarked in {"utf-16-le", "utf-16-be"}:
        return unmarked
    label = _known(declared)
    if label in _MANY_BYTES.values() or _is_utf8(path):
        return label if label in _MANY_BYTES.values() else "utf-8"
    return label if label and label != "utf-8" else "cp1252"


def _known(label: str | None) -> str:
    """Python's codec for a declared name; the empty string for none that browsers know."""
    if label is None or not _LABEL.fullmatch(label):
        return ""
    try:
        plain = label.lower().removeprefix("x-")
        name = codecs.lookup(_UNKNOWN.get(plain, plain)).name
    except LookupError:
        return ""
    if name.startswith(("utf-8", "utf-16")):  # a declaration that one could read was not in UTF-16
        return "utf-8"
    return _SINGLE_BYTE.get(name) or _MANY_BYTES.get(name, "")


def _is_utf8(path: Path) -> bool:
    letters = errors = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            text = decoder.decode(chunk)
            if not text.isascii():
                bad = text.count("\ufffd")
                errors += bad
                letters += len(text) - len(text.encode("ascii", "ignore")) - bad
    errors += decoder.decode(b"", final=True).count("\ufffd")
    return errors == 0 or letters > errors
