"""KPL-aggregated records, as the sample producers make them, and the parts that they are made of."""

from __future__ import annotations

from tools.samples.kpl import LENGTH_DELIMITED, MAGIC, VARINT, aggregate, field, seal, varint

__all__ = ["LENGTH_DELIMITED", "MAGIC", "VARINT", "aggregate", "field", "seal", "varint"]
