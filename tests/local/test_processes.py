"""Nothing that was started outlives who started it, however that one ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from local.environment import ROOT
from local.errors import LocalCloudError
from local.guard import PATIENCE
from local.processes import Background

STUBBORN_FAMILY = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
                                                "time.sleep(600)"])
pathlib.Path("family.draft").write_text(f"{os.getpid()} {child.pid}")
os.rename("family.draft", "family")
time.sleep(600)
"""

ASKER = """
import os, pathlib, sys, time
from local.processes import Background
here = pathlib.Path(sys.argv[1])
with Background("family", [sys.executable, "-c", sys.argv[2]], cwd=here, env=os.environ, log=here / "log"):
    time.sleep(600)
"""


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def family(directory: Path) -> list[int]:
    """Process ids of the command and of its child, once both run."""
    file = directory / "family"
    assert eventually(file.exists)
    return [int(number) for number in file.read_text().split()]


def is_running(number: int) -> bool:
    try:
        return bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def background(directory: Path, script: str) -> Background:
    command = [sys.executable, "-c", script]
    return Background("the script", command, cwd=directory, env=os.environ, log=directory / "log")


def wait_for(process: Background) -> None:
    while not process.ended():
        time.sleep(0.02)


def test_stopping_ends_descendants_that_ignore_sigterm(tmp_path: Path) -> None:
    with background(tmp_path, STUBBORN_FAMILY):
        members = family(tmp_path)
        assert all(is_running(each) for each in members)
    # The signal has been sent; taking it may need another moment.
    assert eventually(lambda: not any(is_running(each) for each in members), seconds=1)


def test_a_command_that_heeds_sigterm_ends_at_once(tmp_path: Path) -> None:
    script = "import pathlib, time; pathlib.Path('ready').touch(); time.sleep(600)"
    with background(tmp_path, script):
        assert eventually((tmp_path / "ready").exists)
        started = time.monotonic()
    assert time.monotonic() - started < PATIENCE


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_descendants_end_when_the_asker_does(tmp_path: Path, blow: signal.Signals) -> None:
    asker = subprocess.Popen(
        [sys.executable, "-c", ASKER, str(tmp_path), STUBBORN_FAMILY], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    members = family(tmp_path)
    asker.send_signal(blow)
    asker.wait()
    assert eventually(lambda: not any(is_running(each) for each in members))


def test_a_command_that_ends_well_has_ended(tmp_path: Path) -> None:
    with background(tmp_path, "print('first'); print('last')") as process:
        wait_for(process)
        assert process.last_line() == "last"


def test_a_failed_command_is_told_with_its_exit_code_and_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        background(tmp_path, "import sys; print('what went wrong'); sys.exit(7)") as process,
        pytest.raises(LocalCloudError, match=r"the script ended with exit code 7.\nwhat went wrong\n.*log"),
    ):
        wait_for(process)


def test_a_command_killed_by_a_signal_has_failed(tmp_path: Path) -> None:
    with (
        background(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)") as process,
        pytest.raises(LocalCloudError, match="exit code 137"),
    ):
        wait_for(process)
