"""Bills of requests of a mix, by how many there are in a month: kept as JSON, and printed side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from bench.bill import Line, printed
from bench.harness import BUILD
from prices import prices

MONTHS: Final = {"10⁶": 1e6, "10⁸": 1e8}
"""Requests."""


def path(slice_name: str) -> Path:
    """Of a slice's bills."""
    return BUILD / f"{slice_name}-prices.json"


def write(
    slice_name: str, mix: Mapping[str, float], usages: Mapping[str, Any], bills: Mapping[str, Sequence[Line]]
) -> None:
    """Keeps what was measured, as dataclasses by name, and what it costs."""
    content = {
        "prices": {"region": "us-east-1", "retrieved": max(each.retrieved for each in prices().values()).isoformat()},
        "mix": mix,
        "usage": {name: asdict(usage) for name, usage in usages.items()},
        "bills": {name: [asdict(line) for line in lines] for name, lines in bills.items()},
    }
    BUILD.mkdir(parents=True, exist_ok=True)
    path(slice_name).write_text(json.dumps(content, indent=1) + "\n")


def table(slice_name: str, remarks: str) -> Table:
    """What was kept, with the mix and ``remarks`` below."""
    content = json.loads(path(slice_name).read_text())
    bills = [[Line(**line) for line in lines] for lines in content["bills"].values()]
    rows = (
        (of_all[-1], [cell for each in of_all for cell in (each.quantity, f"{each.month:,.2f}")])
        for of_all in zip(*bills, strict=True)
    )
    of = content["prices"]
    mix = ", ".join(f"{share:.0%} {name}" for name, share in content["mix"].items())
    return printed(
        f"{slice_name}: dollars a month, list prices of {of['region']} as of {of['retrieved']}",
        {f"{heading} {name}": False for name in content["bills"] for heading in ("quantity,", "dollars,")},
        rows,
        f"{mix}; {remarks}; nothing that AWS gives for free is taken off; lines in grey are not part of the total",
    )
