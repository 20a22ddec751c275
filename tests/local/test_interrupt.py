"""Ctrl-C as a terminal sends it: to every process of the foreground group."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from local.environment import ROOT


@pytest.mark.parametrize("moment", ["start emulator: done", "cdk synth …"], ids=["emulator started", "in synth"])
def test_ctrl_c_ends_make_up_and_leaves_no_process_behind(moment: str) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "local", "up"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with running:
        assert running.stdout
        assert any(moment in line for line in running.stdout)
        children = psutil.Process(running.pid).children(recursive=True)
        assert any("ministack" in child.cmdline() for child in children)
        os.killpg(running.pid, signal.SIGINT)
        running.stdout.read()
        assert running.wait(timeout=30) == 130
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
