"""XML of office files as a stream of elements, with nothing in it that could grow without bound."""

from __future__ import annotations

from typing import IO, Protocol
from xml.parsers import expat

from lambdas.file_processing.domain.documents.draft import Draft

Attributes = dict[str, str]
"""By local name; namespaces do not matter to those who read only what they know. But ``r:id`` is a relation's id, which
may stand beside the element's own ``id``."""

CHUNK = 64 * 1024
MAX_TOKEN = 4 * 1024 * 1024
"""Bytes of one tag with its attributes, or whatever else the parser would hold until its end comes."""
MAX_DEPTH = 256
"""Elements within elements."""
MAX_NAMES = 10_000
"""Different names of elements, attributes and prefixes: the parser keeps each. Office files have some hundreds."""


class XmlError(Exception):
    """Not XML, or XML as no office program writes it."""


class Reader(Protocol):
    """Gets the elements of a part, by local names."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def data(self, text: str) -> None:
        """Text, in pieces of any size."""


def read_xml(stream: IO[bytes], reader: Reader, draft: Draft) -> None:
    """Hands all elements to ``reader``. Raises XmlError, EnoughError, and what ``stream`` raises."""
    try:
        _Parser(reader).read(stream, draft)
    except expat.ExpatError as error:
        raise XmlError(str(error)) from error


class _Parser:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._depth = 0
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.buffer_size = CHUNK
        self._expat.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.StartNamespaceDeclHandler = self._prefix
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = reader.data
        self._local: dict[str, str] = {}

    def read(self, stream: IO[bytes], draft: Draft) -> None:
        fed = 0
        while chunk := stream.read(CHUNK):
            draft.check()
            self._expat.Parse(chunk)
            fed += len(chunk)
            if fed - self._expat.CurrentByteIndex > MAX_TOKEN:
                raise XmlError(f"a tag has more than {MAX_TOKEN} bytes")
        self._expat.Parse(b"", True)  # noqa: FBT003  "final"; it takes no keywords

    def _doctype(self, *_: object) -> None:
        """Entities are declared there, which may stand for gigabytes or for other files."""
        raise XmlError("it has a document type, as office files never have")

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise XmlError(f"elements lie more than {MAX_DEPTH} deep in each other")
        known = self._local
        self._reader.start(
            known.get(name) or self._name(name),
            {known.get(key) or self._name(key): value for key, value in attributes.items()},
        )

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._reader.end(self._name(name))

    def _prefix(self, prefix: str | None, uri: str) -> None:  # noqa: ARG002
        self._name(f"{prefix} prefix")

    def _name(self, name: str) -> str:
        """Without its namespace."""
        found = self._local.get(name)
        if found is None:
            if len(self._local) >= MAX_NAMES:
                raise XmlError(f"it has more than {MAX_NAMES} different names")
            space, _, found = name.rpartition(" ")
            if "officeDocument" in space and space.endswith("relationships"):
                found = f"r:{found}"
            self._local[name] = found
        return found
