"""The Node.js that the CDK's library runs in."""

from __future__ import annotations

import subprocess

from local.environment import ROOT


def test_its_home_is_in_the_checkout_and_its_arguments_and_exit_code_pass_through() -> None:
    command = [str(ROOT / "local" / "jsii-node"), "--max-old-space-size=64"]
    script = "console.log(require('os').homedir(), process.execArgv[0]); process.exit(3)"
    ended = subprocess.run([*command, "-e", script], capture_output=True, text=True, check=False)
    assert ended.stdout.split() == [str(ROOT / "build" / "home"), "--max-old-space-size=64"]
    assert ended.returncode == 3
