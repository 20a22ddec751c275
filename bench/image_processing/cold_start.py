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
PROGRAMS: Final = {
    "bare": "",
    "boto3": CLIENTS,
    "ours": f"{CLIENTS}; import lambdas.image_processing.render",
    # The first Image.open() and save() of a process import every plugin there is, unless told otherwise.
    "tutorial": f"{CLIENTS}; import os, sys, urllib.parse, uuid; from PIL import Image; Image.init()",
}


def cases() -> dict[str, Case]:
    """One case, in three rows."""
    return {"cold-start": _cold_start}


def _cold_start() -> Iterator[Row]:
    programs: dict[str, Callable[[], float]] = {name: partial(_run, code) for name, code in PROGRAMS.items()}
    for compile_first in programs.values():
        compile_first()
    taken = interleaved(programs, budget=8, rounds=range(5, 16))
    bare, boto3, ours, tutorial = (taken[name] for name in ("bare", "boto3", "ours", "tutorial"))
    clients = [with_clients - without for with_clients, without in zip(boto3, bare, strict=True)]
    ours, tutorial = (
        [each - before for each, before in zip(all_of, boto3, strict=True)] for all_of in (ours, tutorial)
    )
    beside = f"{len(ours)} fresh interpreters each; beside the boto3 clients"
    for peer, theirs, note in (
        ("budget", [BUDGET] * len(ours), beside),
        ("tutorial", tutorial, beside),
        ("boto3", clients, "theirs: importing boto3 and creating the clients, which comes on top"),
    ):
        pair = middle_pair(ours, theirs)
        yield Row("cold-start", peer, *pair, "ms", pair[1] / pair[0], note)


def _run(code: str) -> float:
    """Milliseconds from the start of an interpreter to the end of `code`."""
    program = f"{code}\nimport time; print(time.process_time())"
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
