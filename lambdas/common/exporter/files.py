"""Data files: gzip-compressed lines of DynamoDB JSON."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lambdas.common.dynamodb import item_size

_GZIP = 31
"""``wbits`` for the largest window, in a gzip wrapper; zlib leaves its time 0, so equal items give equal bytes."""
_LEVEL = 1
_JSON = msgspec.json.Encoder()


class DataWriter:
    """Compresses as it goes: what is in memory is what goes into the object."""

    def __init__(self) -> None:
        self.items = 0
        self.unpacked = 0
        """Bytes of the lines."""
        self.size = 0
        """Bytes of the items, as DynamoDB counts them."""
        self._packed = io.BytesIO()
        self._compressor = zlib.compressobj(level=_LEVEL, wbits=_GZIP)

    def add(self, items: Iterable[Mapping[str, Mapping[str, Any]]]) -> None:
        """Takes items as boto3's client has them; binary values become base64."""
        for item in items:
            line = _JSON.encode({"Item": item})
            self._packed.write(self._compressor.compress(line + b"\n"))
            self.items += 1
            self.unpacked += len(line) + 1
            self.size += item_size(item)

    def close(self) -> bytes:
        """The whole file."""
        self._packed.write(self._compressor.flush())
        return self._packed.getvalue()
