"""``python -m local demo`` and ``python -m local up``: the laptop cloud from the command line."""

from __future__ import annotations

import argparse
import signal
import sys


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 well, 1 failed, 2 something is missing or a port is busy, 130 interrupted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    chosen = _parse(arguments)
    try:
        return _run(chosen)
    except KeyboardInterrupt:
        print("\nInterrupted. Everything that was started is stopped.", file=sys.stderr)
        return 130


def _run(chosen: argparse.Namespace) -> int:
    # After the signals are set: these imports take long enough to be interrupted.
    from local.demo import demo
    from local.errors import LocalCloudError
    from local.up import up

    try:
        return demo() if chosen.command == "demo" else up(chosen.port)
    except LocalCloudError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description="The app in an AWS emulator on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="deploy, send sample input through every use case, show what came out, stop")
    up = commands.add_parser("up", help="deploy, and stay up until Ctrl-C")
    up.add_argument("--port", type=_port, help="a fixed port for the emulator, instead of a free one")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1024 to 65535, not {text!r}")
    return int(text)


def _leave(number: int, _frame: object) -> None:
    """Ends as the default action would, but through the context managers that stop what was started."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
