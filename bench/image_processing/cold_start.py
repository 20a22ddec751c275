"""Milliseconds of CPU time that a new execution environment spends on the imports of the Render function."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from bench.harness import BUILD, ROOT, BenchError, Case, Row, interleaved, middle_pair

BUDGET: Final = 150.0
"""What the function's imports may take above a bare interpreter, beside the boto3 clients; in milliseconds."""
# The clients that the function creates at initialisation. They cost the same whatever else is imported.
CLIENTS: Final = "import boto3; boto3.client('s3'); boto3.client('dynamodb')"
# What comes first, and what is measured after it, in one interpreter: a difference of two would drown in noise.
PROGRAMS: Final = {
    "boto3": ("", CLIENTS),
    "ours": (CLIENTS, "import lambdas.image_processing.render"),
    # The first Image.open() and save() of a process import every plugin there is, unless told otherwise.
    "tutorial": (CLIENTS, "import os, sys, urllib.parse, uuid; from PIL import Image; Image.init()"),
}


def cases() -> dict[str, Case]:
    """One case, in three rows."""
    return {"cold-start": _cold_start}


def _cold_start() -> Iterator[Row]:
    programs: dict[str, Callable[[], float]] = {name: partial(_run, *code) for name, code in PROGRAMS.items()}
    for compile_first in programs.values():
        compile_first()
    taken = interleaved(programs, budget=8, rounds=range(5, 16))
    ours = taken["ours"]
    beside = f"{len(ours)} fresh interpreters each; beside the boto3 clients"
    for peer, theirs, note in (
        ("budget", [BUDGET] * len(ours), beside),
        ("tutorial", taken["tutorial"], beside),
        ("boto3", taken["boto3"], "theirs: importing boto3 and creating the clients, which comes on top"),
    ):
        pair = middle_pair(ours, theirs)
        yield Row("cold-start", peer, *pair, "ms", pair[1] / pair[0], note)


def _run(first: str, measured: str) -> float:
    """Milliseconds of `measured` in a fresh interpreter that has run `first`."""
    clock = "time.process_time()"
    program = f"import time\n{first}\nbegan = {clock}\n{measured}\nprint({clock} - began)"
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PYTHONPATH": str(ROOT),
        # Layers carry compiled modules, so what compiling takes is not counted, whatever the virtual environment holds.
        "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"the imports fail:\n{done.stderr}")
    return float(done.stdout) * 1000
