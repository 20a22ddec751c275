"""Runs the emulator, and puts right what it does wrong: ``python loopback.py MODULE``.

- Of itself it opens the port of MQTT over TLS on every interface, whatever ``BIND_HOST`` says, and lets in clients that
  show no certificate. So every server of its event loop that is told an address gets loopback in its place.
- Asked for a range of one version of an object, it answers with the whole: boto3 puts larger downloads together out of
  such answers, and does not notice. So the range is cut out here.
"""

from __future__ import annotations

import runpy
import sys
from asyncio.base_events import BaseEventLoop, Server
from http import HTTPStatus
from typing import Any

_LOOPBACK = "127.0.0.1"

_create_server = BaseEventLoop.create_server


async def _on_loopback(
    loop: BaseEventLoop, protocol_factory: Any, host: Any = None, *args: Any, **options: Any
) -> Server:
    """What comes with a socket has been bound already: that is the gateway, which heeds ``BIND_HOST``."""
    address = host if options.get("sock") else _LOOPBACK
    return await _create_server(loop, protocol_factory, address, *args, **options)


def _cut_ranges_of_versions() -> None:
    from ministack.services import s3

    get_object = s3._get_object  # noqa: SLF001  there is no other place for it

    def in_range(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        status, told, body = get_object(bucket, key, headers, query)
        asked = headers.get("range")
        if status != HTTPStatus.OK or not asked or not (found := s3._parse_range(asked, len(body))):  # noqa: SLF001
            return status, told, body
        first, last = found
        part = body[first : last + 1]
        # Checksums are of the whole, and clients would hold them against the part.
        kept = {name: value for name, value in told.items() if not name.lower().startswith("x-amz-checksum-")}
        kept |= {"Content-Length": f"{len(part)}", "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return HTTPStatus.PARTIAL_CONTENT.value, kept, part

    s3._get_object = in_range  # noqa: SLF001


if __name__ == "__main__":
    BaseEventLoop.create_server = _on_loopback  # type: ignore[method-assign, assignment]
    _cut_ranges_of_versions()
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
