"""Life cycle of the AWS emulator: one process that answers for every service on one loopback port, and for MQTT."""

from __future__ import annotations

import fcntl
import http.client
import json
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from local.environment import Workplace
from local.errors import LocalCloudError, PortInUseError
from local.processes import Background

_FIRST_PORT = 4566
_PORTS = 100
_START_SECONDS = 60
_LAUNCHER = Path(__file__).with_name("loopback.py")
_NAME = "MINISTACK_EDITION"
"""What the emulator is told here, its health check tells: so nobody else's emulator is taken for this one."""


@contextmanager
def emulator(port: int | None = None) -> Iterator[Workplace]:
    """An emulator that answers, on the port given or on the first free one from 4566 on; stopped at the end.

    Raises:
        PortInUseError: the port given is taken, or no port is free.
        LocalCloudError: the emulator does not start.
    """
    with _claimed(port) as workplace:
        # What an interrupted run has left there.
        shutil.rmtree(workplace.scratch, ignore_errors=True)
        environment = workplace.emulator_environment() | {_NAME: secrets.token_hex(8)}
        log = workplace.directory / "emulator.log"
        # Isolated: else this directory would be the first one that the emulator imports from.
        command = [sys.executable, "-I", str(_LAUNCHER), "ministack"]
        try:
            with Background("The emulator", command, cwd=workplace.scratch, env=environment, log=log) as process:
                _wait_until_healthy(process, workplace.port, environment[_NAME])
                yield workplace
        finally:
            shutil.rmtree(workplace.scratch, ignore_errors=True)


@contextmanager
def _claimed(port: int | None) -> Iterator[Workplace]:
    """A free port, and the working directory for it that nobody else in this checkout uses meanwhile."""
    busy = 0
    for candidate in [port] if port else range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        workplace = Workplace(candidate)
        workplace.directory.mkdir(parents=True, exist_ok=True)
        with workplace.lock.open("w") as lock:
            busy = _busy_port(workplace) if _is_locked(lock) else candidate
            if not busy:
                yield workplace
                return
    if port:
        raise PortInUseError(
            f"Port {busy} is in use: stop what listens there, or name another: make up PORT={port + 1}"
        )
    raise PortInUseError(f"No port from {_FIRST_PORT} to {_FIRST_PORT + _PORTS - 1} is free: stop what listens there")


def _is_locked(file: IO[str]) -> bool:
    """Takes the lock, which covers the time from finding a port free to listening on it; false where it is taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy_port(workplace: Workplace) -> int:
    """One of the two that somebody else listens on; 0 if there is none."""
    return next((port for port in (workplace.port, workplace.mqtt_port) if not _is_free(port)), 0)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections of an earlier run that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait_until_healthy(process: Background, port: int, name: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _is_healthy(port, name):
        if process.ended() or time.monotonic() > deadline:
            raise LocalCloudError(f"The emulator does not answer on port {port}. Its log: {process.log}")
        time.sleep(0.05)


def _is_healthy(port: int, name: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_ministack/health")
        return bool(json.load(connection.getresponse())["edition"] == name)
    except (OSError, http.client.HTTPException, ValueError, LookupError):
        return False  # nobody listens yet, or somebody else does
    finally:
        connection.close()
