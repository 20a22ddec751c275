"""The emulator's life cycle, with the real emulator."""

from __future__ import annotations

import http.client
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.config import Config

from local import emulator as emulators
from local import environment
from local.emulator import emulator
from local.environment import REGION, ROOT, Workplace
from local.errors import LocalCloudError, PortInUseError


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps these emulators away from any other of this checkout."""
    monkeypatch.setattr(environment, "BUILD", tmp_path)
    monkeypatch.setattr(emulators, "_FIRST_PORT", 10_000 + os.getpid() % 200 * 100)


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status
    finally:
        connection.close()


def descendants() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def listening(processes: set[psutil.Process]) -> set[tuple[str, int]]:
    """Addresses and ports."""
    return {
        (connection.laddr.ip, connection.laddr.port)
        for process in processes
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }


def wait_for(condition: Callable[[], bool]) -> None:
    """The port of MQTT opens a moment after the gateway answers."""
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_two_emulators_answer_side_by_side_on_loopback_alone_and_leave_nothing() -> None:
    before = descendants()
    with emulator() as first, emulator() as second:
        assert first.port != second.port
        assert (status(first.port), status(second.port)) == (200, 200)
        ports = {first.port, first.mqtt_port, second.port, second.mqtt_port}
        wait_for(lambda: {port for _, port in listening(descendants() - before)} >= ports)
        assert listening(descendants() - before) == {("127.0.0.1", port) for port in ports}
    assert descendants() == before
    assert not first.scratch.exists()
    with pytest.raises(OSError, match="refused"):
        status(first.port)


def test_a_range_of_one_version_is_that_part_of_it() -> None:
    with emulator() as workplace:
        s3 = boto3.Session("test", "test", region_name=REGION).client(
            "s3", endpoint_url=workplace.endpoint, config=Config(proxies={})
        )
        s3.create_bucket(Bucket="versions")
        s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
        data = os.urandom(9 * 1024 * 1024)
        first = s3.put_object(Bucket="versions", Key="a", Body=data)["VersionId"]
        s3.put_object(Bucket="versions", Key="a", Body=b"another")
        part = s3.get_object(Bucket="versions", Key="a", VersionId=first, Range="bytes=100-199")
        in_parts = io.BytesIO()
        s3.download_fileobj("versions", "a", in_parts, ExtraArgs={"VersionId": first})
        assert (part["ContentRange"], part["Body"].read()) == (f"bytes 100-199/{len(data)}", data[100:200])
        assert in_parts.getvalue() == data


def test_a_busy_port_is_told_with_the_remedy(busy_port: int) -> None:
    with (
        pytest.raises(PortInUseError, match=rf"^Port {busy_port} is in use: .*make up PORT={busy_port + 1}$"),
        emulator(busy_port),
    ):
        pass


def test_a_busy_port_of_mqtt_is_told_as_well(busy_port: int) -> None:
    port = next(port for port in (busy_port - 4317, busy_port + 4317) if Workplace(port).mqtt_port == busy_port)
    with (
        pytest.raises(PortInUseError, match=rf"^Port {busy_port} is in use: .*make up PORT={port + 1}$"),
        emulator(port),
    ):
        pass


@pytest.mark.parametrize("port", [1024, 4566, 61_218, 61_219, 65_535])
def test_port_of_mqtt_is_one_and_another_than_the_gateways(port: int) -> None:
    assert Workplace(port).mqtt_port != port
    assert 1024 <= Workplace(port).mqtt_port < 65_536


def test_a_port_claimed_in_this_checkout_is_passed_over() -> None:
    with emulator() as first, pytest.raises(PortInUseError, match=str(first.port)), emulator(first.port):
        pass


def test_up_on_a_busy_port_says_one_sentence_and_exits_with_2(busy_port: int) -> None:
    command = [sys.executable, "-m", "local", "up", "--port", str(busy_port)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        f"Port {busy_port} is in use: stop what listens there, or name another: make up PORT={busy_port + 1}"
    ]


@pytest.mark.parametrize("port", ["80", "65536", "http"])
def test_what_is_no_port_is_refused_with_2(port: str) -> None:
    command = [sys.executable, "-m", "local", "up", "--port", port]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert f"a port is a number from 1024 to 65535, not '{port}'" in ended.stderr


def test_an_emulator_that_does_not_start_is_told_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Workplace.emulator_environment
    monkeypatch.setattr(Workplace, "emulator_environment", lambda self: sound(self) | {"GATEWAY_PORT": "no number"})
    with pytest.raises(LocalCloudError, match=r"The emulator ended with exit code 1\.[\s\S]*emulator\.log"), emulator():
        pass
