"""Lines in quarantine of a table ETL stack, and which of them the Load function can take again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lambdas.common.groups import groups
from lambdas.table_etl.contract import FilePosition, Quarantined

CHUNK_BYTES = 3 * 1024 * 1024
MOST_BYTES = 6 * 1024 * 1024 - 1024
"""Of an event: "Lambda quotas", invocation payload, synchronous; one line may need all of it."""

_QUARANTINED = msgspec.json.Decoder(Quarantined)
_JSON = msgspec.json.Encoder()


def lines_of(body: bytes) -> list[Quarantined]:
    """Of a quarantine object. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return [_QUARANTINED.decode(line) for line in body.splitlines()]


def remedy_for(line: Quarantined, uri: str) -> str | None:
    """What is to be done about a line that cannot be sent; None for one that can."""
    where = line.position
    if line.form and line.complete:
        size = len(_JSON.encode(line))
        if size <= MOST_BYTES:
            return None
        return f"{uri}: a line of {size} bytes ({line.reason}) is more than a Lambda event takes. Handle it by hand."
    if not isinstance(where, FilePosition):
        return f"{uri}: {where.sequence_number} ({line.reason}) is not kept as a whole: {line.message}."
    what = f"s3://{where.bucket}/{where.key}" + (f", row {where.row}" if where.row else "")
    return (
        f"{what} ({line.reason}): {line.message}. Put the file right and drop it into the backfill bucket again; then "
        f"delete {uri}."
    )


def chunks(lines: Iterable[Quarantined]) -> Iterator[list[Quarantined]]:
    """Lines that fit into one event together."""
    return groups(lines, lambda line: len(_JSON.encode(line)) + 1, largest=CHUNK_BYTES)
