"""The implementations that are compared, each as a process: `python -m bench.stream_analytics.peers <name>`.

A process says what it is, then answers `{before, paths, parse}` with `{seconds, digest}`: the CPU time of counting the
event in one of the files, the next with each request, as batches follow each other in a function that has counted those
before, and a hash of the counts. The files hold events as the runtime gets them; with `parse` its own parsing of that
text is part of the time.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.stream_analytics.implementations import IMPLEMENTATIONS, Counts, Minute

PACKAGES = {"ours": "msgspec", "powertools-pydantic": "pydantic"}


def digest(counts: Any) -> str | None:
    """The same for equal counts, however they are held; None if nothing was counted.

    Sets and dicts are put into the sketches that ours ends in, whose bytes are equal for equal content.
    """
    if counts is None:
        return None
    lines = list(_items(counts) if isinstance(counts, Counts) else _tallied(counts))
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _items(counts: Counts) -> Iterator[str]:
    from lambdas.common.tables.metrics.sketches import Distinct, Top

    for number, minute in counts.minutes.items():
        yield from _exact(number, minute)
        yield _line("unique_visitors", number, Distinct.of(minute.visitors).to_attributes())
        if minute.views:
            yield _line("pages", number, Top.of(minute.pages).to_attributes())
            yield _line("referrers", number, Top.of(minute.referrers).to_attributes())
    if counts.rejected:
        yield f"rejected {counts.rejected}"


def _exact(number: int, minute: Minute) -> Iterator[str]:
    for name, count in (("views", minute.views), ("clicks", minute.clicks)):
        if count:
            yield _line(name, number, {"kind": {"S": "count"}, "count": {"N": str(count)}})


def _tallied(tally: Any) -> Iterator[str]:
    """What rules changed is left out: the others do not count it."""
    rejected = 0
    for item, aggregate in tally.items():
        kind, _, name = item.metric.partition(".")
        if kind == "clickstream":
            yield _line(name, item.start // 60, aggregate.to_attributes())
        elif name == "rejected":
            rejected += aggregate.count
    if rejected:
        yield f"rejected {rejected}"


def _line(name: str, minute: int, attributes: dict[str, dict[str, Any]]) -> str:
    return f"{name} {minute} {sorted((key, repr(value)) for key, value in attributes.items())}"


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    count = IMPLEMENTATIONS[name]()
    package = PACKAGES.get(name)
    _say({"ready": f"{package} {version(package)}" if package else f"Python {sys.version.split()[0]}"})
    events: dict[str, tuple[str, Any]] = {}
    for asked, line in enumerate(sys.stdin):
        request = json.loads(line)
        for before in request["before"] if asked == 0 else ():
            count(json.loads(Path(before).read_text()))
        path = request["paths"][asked % len(request["paths"])]
        if path not in events:
            text = Path(path).read_text()
            events[path] = text, json.loads(text)
        text, event = events[path]
        gc.collect()  # what the one before left behind is none of this one's business
        began = time.process_time()
        counts = count(json.loads(text) if request["parse"] else event)
        seconds = time.process_time() - began
        _say({"seconds": seconds, "digest": digest(counts)})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
