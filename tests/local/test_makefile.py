"""The commands that the first screen of the README promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from local.environment import ROOT

TARGETS = [
    "help",
    "setup",
    "demo",
    "up",
    "test",
    "test-deep",
    "lint",
    "bench",
    "synth",
    "deploy",
    "snapshots",
    "openapi",
    "lock",
    "clean",
]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    assert program
    # Where the tests were started by make, this one must not take itself for a part of it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run([program, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_make_alone_lists_every_target_with_one_line_of_help() -> None:
    listed = re.findall(r"^make ([\w-]+) +\S.*$", make().stdout, flags=re.MULTILINE)
    assert listed == TARGETS


def test_up_pins_the_port_only_when_it_is_given() -> None:
    assert make("-n", "up", "PORT=4566").stdout.rstrip().endswith("-m local up --port 4566")
    assert make("-n", "up").stdout.rstrip().endswith("-m local up")


def test_deploy_hands_stack_and_stage_to_the_cdk() -> None:
    planned = make("-n", "deploy", "STACK=ImageProcessing", "STAGE=prod").stdout
    assert "cdk deploy ImageProcessing --context stage=prod" in planned


@pytest.mark.parametrize("kept", ["TMPDIR", "CDK_HOME", "JSII_RUNTIME_PACKAGE_CACHE_ROOT"])
def test_what_the_tools_write_stays_in_the_checkout(kept: str) -> None:
    shown = make("--print-data-base", "-n", "help").stdout
    (value,) = re.findall(rf"^{kept} :?= (.*)$", shown, flags=re.MULTILINE)
    assert value.replace("$(CURDIR)", str(ROOT)).startswith(str(ROOT / "build"))


def test_deploy_without_a_stack_says_what_to_type() -> None:
    ended = make("--silent", "deploy")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[0] == "Name the stack to deploy, for example: make deploy STACK=ImageProcessing"
