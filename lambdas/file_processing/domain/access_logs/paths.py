"""How often each path was asked for, in memory that is bounded, and then with bounds of the error.

All paths are counted as long as there is room. Then only the most frequent are kept: the count of the first that is
not is taken off all of them (Misra, Gries: "Finding repeated elements", 1982). A true count lies between the one that
is kept and that plus all that was ever taken off, which is less than the requests of the minute divided by the paths
that were kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lambdas.common.tables.metrics.sketches import MAX_NAME, Top

_MARK = "…"
_ROOM = MAX_NAME - len(_MARK.encode())


def bounded(paths: Sequence[bytes]) -> Sequence[bytes]:
    """The paths, each with at most `MAX_NAME` bytes; what was longer ends in an ellipsis."""
    if max(map(len, paths)) <= MAX_NAME:
        return paths
    return [path if len(path) <= MAX_NAME else path[:_ROOM] + _MARK.encode() for path in paths]


class Ranking:
    """Counts of paths of one minute."""

    def __init__(self) -> None:
        self.counts: Counter[bytes] = Counter()
        self._lost = 0
        self._weight = 0
        """Of paths that are not kept, or in part."""

    def add(self, paths: Iterable[bytes]) -> int:
        """Counts paths; how many there are more than before."""
        before = len(self.counts)
        self.counts.update(paths)
        return len(self.counts) - before

    def keep(self, most: int) -> None:
        """Forgets all but the most frequent, at most this many."""
        if len(self.counts) <= most:
            return
        before = self.counts.total()
        least = sorted(self.counts.values(), reverse=True)[most]
        self.counts = Counter({path: count - least for path, count in self.counts.items() if count > least})
        self._lost += least
        self._weight += before - self.counts.total()

    def top(self) -> Top:
        """As the metrics table keeps it. Bytes that are no UTF-8 are written ``\\xff``."""
        named: Counter[str] = Counter()
        for path, count in self.counts.items():
            named[_text(path)] += count
        top = Top.of(named)
        return Top(top.weight + self._weight, top.max_error + self._lost, top.sketch)


def _text(path: bytes) -> str:
    text = path.decode("utf-8", "backslashreplace")
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - len(_MARK)] + _MARK
