"""Runs the emulator so that it listens on loopback alone: ``python loopback.py MODULE``.

Of itself it opens the port of MQTT over TLS on every interface, whatever ``BIND_HOST`` says, and lets in clients that
show no certificate. So every server of its event loop that is told an address gets loopback in its place.
"""

from __future__ import annotations

import runpy
import sys
from asyncio.base_events import BaseEventLoop, Server
from typing import Any

_LOOPBACK = "127.0.0.1"

_create_server = BaseEventLoop.create_server


async def _on_loopback(
    loop: BaseEventLoop, protocol_factory: Any, host: Any = None, *args: Any, **options: Any
) -> Server:
    """What comes with a socket has been bound already: that is the gateway, which heeds ``BIND_HOST``."""
    address = host if options.get("sock") else _LOOPBACK
    return await _create_server(loop, protocol_factory, address, *args, **options)


if __name__ == "__main__":
    BaseEventLoop.create_server = _on_loopback  # type: ignore[method-assign, assignment]
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
