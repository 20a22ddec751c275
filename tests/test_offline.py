"""app.py as users run it: it needs neither network nor credentials, and says which stages there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.config import STAGES
from tests.support.synthesis import NO_BUNDLING, ROOT, Assembly, context

NO_NETWORK_IN_PYTHON = """
import sys
def refuse(event, arguments):
    if event in {"socket.__new__", "socket.connect", "socket.getaddrinfo"}:
        raise RuntimeError(f"synth used the network: {event}")
sys.addaudithook(refuse)
"""
NO_NETWORK_IN_NODE = """
const refuse = () => { throw new Error("synth used the network") };
require("net").Socket.prototype.connect = refuse;
require("dns").lookup = refuse;
"""


def _run_app(stage: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Runs app.py as the CDK CLI does, for a user without credentials, home, bundled layers or network."""
    (directory / "home").mkdir()
    (directory / "sitecustomize.py").write_text(NO_NETWORK_IN_PYTHON)
    (directory / "no_network.cjs").write_text(NO_NETWORK_IN_NODE)
    kept = ("PATH", "TMPDIR", "JSII_RUNTIME_PACKAGE_CACHE_ROOT", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": str(directory / "home"),
        "PYTHONPATH": str(directory),
        "NODE_OPTIONS": f"--require={directory / 'no_network.cjs'}",
        "CDK_VALIDATION": "false",
        "CDK_OUTDIR": str(directory / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps(context() | NO_BUNDLING | {"stage": stage}),
    }
    command = [sys.executable, "app.py"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("stage", STAGES)
def test_app_synthesizes_every_stage_without_network_and_credentials(stage: str, tmp_path: Path) -> None:
    completed = _run_app(stage, tmp_path)
    assert completed.returncode == 0, completed.stderr
    assert Assembly(tmp_path / "cdk.out").templates, "no stack came out"


def test_unknown_stage_fails_and_lists_the_stages(tmp_path: Path) -> None:
    completed = _run_app("staging", tmp_path)
    assert completed.returncode != 0
    assert "stage 'staging' is none of local, dev, prod" in completed.stderr
