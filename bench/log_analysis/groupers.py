"""Implementations that group log lines, each as a process: `python -m bench.log_analysis.groupers NAME`.

Answers a file of texts with the CPU seconds that grouping and counting its second half took, once the first half was
grouped, and with the group of every text of the file in the end.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

Row = tuple[int, str, str]


class Grouper(Protocol):
    """One log group's."""

    def add(self, text: str) -> str | int:
        """The group of a text, which later ones may be added to."""

    def final(self, group: str | int) -> str | int:
        """What became of a group."""


class Ours:
    """Masks, and places in which words vary; a Counter stands for the table."""

    def __init__(self) -> None:
        from lambdas.log_analysis.domain.messages import template_of
        from lambdas.log_analysis.domain.vocabulary import Vocabulary

        self._template_of = template_of
        self._vocabulary = Vocabulary()
        self._known: dict[str, str] = {}
        self.counts: Counter[str | int] = Counter()

    def add(self, text: str) -> str:
        template = self._template_of(text)
        group = self._known.get(template)
        if group is None:
            group = self._place(template)
        self.counts[group] += 1
        return group

    def _place(self, template: str) -> str:
        placed = self._vocabulary.place(template)
        if placed.template not in self._known:
            self._vocabulary.add(placed.template, placed.members)
        self._known |= dict.fromkeys((*placed.members, placed.template, template), placed.template)
        return placed.template

    def final(self, group: str | int) -> str | int:
        while (general := self._known[str(group)]) != group:
            group = general
        return group


DOCUMENTED: Final = (
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
    (r"(?<=executed cmd )(\".+?\")", "CMD"),
)
"""Masks of drain3's own example configuration."""
SAME_KINDS: Final = (
    (r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?", "TIME"),
    (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "UUID"),
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "MAIL"),
    (r"(?<!\w)(?:\"[^\"]*\"|'[^']*')(?!\w)", "STR"),
    (r"(?<![\w:/])(?:/[\w.-]+)+/?", "PATH"),
    (r"\b[0-9a-f]{7,}\b", "ID"),
)
"""What ours masks beside that."""
SIMILARITY, TUNED_SIMILARITY = 0.4, 0.6
"""drain3's default, and the one that groups these very lines best."""


class Drain:
    """drain3, in memory as well, with the numbers of its example configuration for all else."""

    def __init__(self, masks: tuple[tuple[str, str], ...], similarity: float) -> None:
        from drain3 import TemplateMiner
        from drain3.masking import MaskingInstruction
        from drain3.template_miner_config import TemplateMinerConfig

        config = TemplateMinerConfig()
        config.drain_sim_th = similarity
        config.drain_max_clusters = 1024
        config.masking_instructions = [MaskingInstruction(*each) for each in masks]
        self._miner = TemplateMiner(config=config)

    def add(self, text: str) -> int:
        return int(self._miner.add_log_message(text)["cluster_id"])

    def final(self, group: str | int) -> str | int:
        return group


MAKE: Final[dict[str, Callable[[], Grouper]]] = {
    "ours": Ours,
    "drain3": partial(Drain, DOCUMENTED, SIMILARITY),
    "drain3-tuned": partial(Drain, SAME_KINDS + DOCUMENTED, TUNED_SIMILARITY),
}


def grouped(name: str, rows: list[Row]) -> dict[str, object]:
    """Groups all texts, each log group's by itself."""
    groupers = {number: MAKE[name]() for number in {row[0] for row in rows}}
    half = len(rows) // 2
    found = [groupers[number].add(text) for number, text, _ in rows[:half]]
    gc.collect()
    began = time.process_time()
    found += [groupers[number].add(text) for number, text, _ in rows[half:]]
    seconds = time.process_time() - began
    final = [f"{row[0]} {groupers[row[0]].final(group)}" for row, group in zip(rows, found, strict=True)]
    return {"seconds": seconds, "texts": len(rows) - half, "groups": final}


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    MAKE[name]()  # what is imported now is not measured
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        with open(json.loads(line)["path"]) as file:  # noqa: PTH123  as light as can be
            rows = json.load(file)
        print(json.dumps(grouped(name, rows)), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
