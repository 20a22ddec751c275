"""Runs one command so that neither it nor its descendants outlive whoever asked for it.

``python guard.py COMMAND...`` leads a process group of its own and runs the command in it for as long as standard input
stays open. The asker holds the other end of that pipe; when it closes it, or ends in whatever way, even by SIGKILL, the
whole group is stopped.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

PATIENCE = 2
"""Seconds that the command gets between SIGTERM and SIGKILL."""


def run(command: list[str]) -> int:
    """Exit code of the command as a shell tells it; does not return when standard input closes first."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Signals to the group are for the command. A handler, because the command would inherit SIG_IGN.
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    closed = threading.Event()
    watcher = threading.Thread(target=_stop_group_when_input_closes, args=(child, closed), daemon=True)
    watcher.start()
    code = child.wait()
    if closed.is_set():
        watcher.join()
    return code if code >= 0 else 128 - code


def _stop_group_when_input_closes(child: subprocess.Popen[bytes], closed: threading.Event) -> None:
    os.read(0, 1)
    closed.set()
    os.killpg(0, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=PATIENCE)
    # Now whatever has not ended: the command, descendants that it left behind, and this process itself.
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
