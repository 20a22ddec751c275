"""Microseconds of a request, and milliseconds until the first one: ours beside FastAPI, and beside Powertools."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any, Final

from bench.harness import BUILD, ROOT, BenchError, Case, Peer, Row, interleaved, middle_pair
from bench.web_backend.implementations import MODULES, OURS, environment
from bench.web_backend.inputs import events

WORK: Final = "without-framework"
PEERS: Final = ("fastapi-mangum", "powertools-validated")
SECONDS: Final = 12.0
ROUNDS: Final = range(9, 40)
REQUESTS: Final = 2_000
"""Of a round."""
INFORMATION: Final = "for information"

CLIENT: Final = "boto3-client"
PROGRAMS: Final = (
    {OURS: "from lambdas.web_backend.api import runtime; runtime()"}
    | {name: f"import {MODULES[name]}" for name in PEERS}
    | {CLIENT: "import boto3; boto3.client('dynamodb')"}
)


def cases() -> dict[str, Case]:
    """`request`: a validated POST, without logs and metrics; `request-logged`: with them; `import`: initialisation."""
    return {
        "request": partial(_request, "request", (*PEERS, WORK), logged=False),
        "request-logged": partial(_request, "request-logged", PEERS, logged=True),
        "import": _import,
    }


def start(name: str, *, logged: bool) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.web_backend.peers", name, *(["logged"] if logged else [])])


def _request(case: str, beside: tuple[str, ...], *, logged: bool) -> Iterator[Row]:
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start(name, logged=logged)) for name in (OURS, *beside)}
        for event in events(2):
            check({name: peer.ask({"event": event})["said"] for name, peer in peers.items()})
        runs = {name: _timed(peer) for name, peer in peers.items()}
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
        for name in beside:
            ours, theirs = middle_pair(seconds[OURS], seconds[name])
            note = f"{_note(name, logged=logged)}; median of {len(seconds[name])} rounds"
            yield Row(case, name, ours * 1e6, theirs * 1e6, "µs", theirs / ours, note)


def _note(name: str, *, logged: bool) -> str:
    if name == WORK:
        return f"{INFORMATION}: theirs is the same work by hand, of which no framework can be free"
    if logged:
        return f"{INFORMATION}: a line and a flush of metrics each, by Powertools; ours: four metrics, theirs: one"
    return "the same work; AWS answers at once; logs and metrics off"


def _timed(peer: Peer) -> Callable[[], float]:
    return lambda: float(peer.ask({"requests": REQUESTS})["seconds"])


def check(said: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises BenchError unless all answer and write the same."""
    if different := [name for name, each in said.items() if each != said[OURS]]:
        raise BenchError(f"{', '.join(different)} did not answer as ours did: correct it before comparing speed")


def _import() -> Iterator[Row]:
    runs: dict[str, Callable[[], float]] = {name: partial(_initialised, code) for name, code in PROGRAMS.items()}
    for compile_first in runs.values():
        compile_first()
    taken = interleaved(runs, budget=30, rounds=range(7, 20))
    for name in (*PEERS, CLIENT):
        ours, theirs = middle_pair(taken[OURS], taken[name])
        note = "with the client of DynamoDB; ours: with logs and metrics"
        if name == CLIENT:
            note = f"{INFORMATION}: theirs is boto3 with a client and nothing else, which is part of all the others"
        yield Row("import", name, ours, theirs, "ms", theirs / ours, f"{note}; {len(taken[name])} interpreters each")


def _initialised(code: str) -> float:
    """Milliseconds of CPU time that it takes in a fresh interpreter."""
    program = f"import time\nbegan = time.process_time()\n{code}\nprint(time.process_time() - began)"
    variables = {
        **os.environ,
        **environment(),
        "PYTHONPATH": str(ROOT),
        # Layers carry compiled modules, so what compiling takes is not counted, whatever the virtual environment holds.
        "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"the initialisation fails:\n{done.stderr}")
    return float(done.stdout) * 1000
