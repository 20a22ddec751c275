"""Checks that the tools which the project cannot install by itself are there, before anything else runs.

Standard library only, and syntax that any Python 3 parses: an old interpreter must get the sentence below rather than
a SyntaxError. Exits with 2 and one sentence for each tool that is missing or too old.
"""

import importlib.util
import re
import shutil
import subprocess
import sys

PYTHON = (3, 11)
NODE = 20


def problems(python: "tuple[int, ...]") -> "list[str]":
    """One sentence with its remedy for each tool that is missing or too old, looked for on the PATH."""
    return [sentence for sentence in (_python(python), _node(), _npm()) if sentence]


def _python(version: "tuple[int, ...]") -> str:
    wanted = ".".join(map(str, PYTHON))
    if version[:2] < PYTHON:
        found = ".".join(map(str, version[:2]))
        return (
            f"Python {found} is too old: install Python {wanted} or newer (https://www.python.org), "
            f"or name one that is installed: make PYTHON=python{wanted}"
        )
    if not importlib.util.find_spec("ensurepip") or not importlib.util.find_spec("venv"):
        return "Python cannot make virtual environments: install its venv module (Debian: apt-get install python3-venv)"
    return ""


def _node() -> str:
    remedy = f"install Node.js {NODE} or newer, 22 is advised (https://nodejs.org)"
    node = shutil.which("node")
    if not node:
        return f"Node.js, which the AWS CDK runs on, is missing: {remedy}"
    answer = subprocess.run([node, "--version"], stdout=subprocess.PIPE, check=False).stdout.decode().strip()
    version = re.match(r"v(\d+)\.", answer)
    if not version:
        return f"Node.js at {node} does not tell its version: {remedy}"
    if int(version.group(1)) < NODE:
        return f"Node.js {answer[1:]} is too old: {remedy}"
    return ""


def _npm() -> str:
    if shutil.which("npm"):
        return ""
    return "npm, which installs the AWS CDK CLI, is missing: it comes with Node.js (Debian: apt-get install npm)"


if __name__ == "__main__":
    found = problems(tuple(sys.version_info[:3]))
    for problem in found:
        sys.stderr.write(problem + "\n")
    sys.exit(2 if found else 0)
