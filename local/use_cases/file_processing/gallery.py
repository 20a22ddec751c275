"""What the page shows of files: players, listings, charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from lambdas.file_processing.contract.access_logs import QuarantinedLine
from lambdas.file_processing.contract.search import SearchHit, SearchResult
from lambdas.file_processing.domain.catalog import Version
from lambdas.file_processing.domain.rows.ledger import BadRow
from lambdas.file_processing.domain.totals import Totals
from local import charts
from local.charts import Series, plain, rounded
from local.use_cases.file_processing import samples
from local.use_cases.file_processing.checks import Read
from local.use_cases.file_processing.measured import QUANTILES, Measured
from local.use_cases.file_processing.players import product_of
from local.use_cases.file_processing.requests import MINUTES
from local.use_cases.file_processing.stack import Catalog
from local.use_cases.image_processing.gallery import pixels, size
from local.use_cases.outcome import Figure, Listing, Medium

_REASON, _RAW = 58, 32
"""Characters of a table."""
_SNIPPET = 88
_TOP = 8
_CLASSES = {"2xx": "well", "3xx": "unchanged", "4xx": "client was wrong", "5xx": "server failed"}


@dataclass(frozen=True)
class Gallery:
    """Writes files into the page's directory, and tells of them in figures."""

    directory: Path

    # --- video and sound ----------------------------------------------------------------------------------------------

    def players(self, catalog: Catalog, read: Read) -> Iterator[Figure]:
        """The renditions, to be played, and the stills."""

        def saved(name: str, product: str) -> str:
            file = f"{Path(name).stem.replace(' ', '-')}-{product}"
            (self.directory / file).write_bytes(product_of(catalog, read, name, product))
            return f"{self.directory.name}/{file}"

        for name, product, alt in (
            (samples.CLIP, samples.LARGE, "Hills pass by at sunset under a clock that runs for ten seconds, to notes"),
            (samples.PORTRAIT, "video-360p.mp4", "The same hills, higher than wide, for two seconds, to notes"),
        ):
            version = catalog.version(name)
            yield Figure(
                title=f"{name} as {product}",
                alt=alt,
                file=saved(name, product),
                poster=saved(name, "poster.jpg"),
                medium=Medium.VIDEO,
                facts=(_media_facts(version), _products(version)),
            )
        sound = catalog.version(samples.MELODY)
        yield Figure(
            title=f"{samples.MELODY} as audio.m4a",
            alt="Twelve notes, two a second",
            file=saved(samples.MELODY, "audio.m4a"),
            medium=Medium.AUDIO,
            facts=(_media_facts(sound), _products(sound)),
        )
        yield Figure(
            title=f"Waveform of {samples.MELODY}",
            alt="Twelve notes that each die away",
            file=saved(samples.MELODY, "waveform.png"),
            chart=True,
        )
        yield Figure(
            title=f"Preview strip of {samples.CLIP}",
            alt="Eight frames of the clip side by side, the clock further on in each",
            file=saved(samples.CLIP, "strip.jpg"),
            chart=True,
        )

    # --- access logs --------------------------------------------------------------------------------------------------

    def traffic(self, measured: Measured, start: datetime) -> Iterator[Figure]:
        """Requests, how long they took, and what was asked for."""
        ticks = [f"{start + timedelta(minutes=at):%H:%M}" for at in range(MINUTES)]
        by_class = [
            Series(text, [_count(measured.statuses[name], at) for at in range(MINUTES)])
            for name, text in _CLASSES.items()
        ]
        yield self._chart("requests", charts.bars("Requests per minute", ticks, by_class, text=plain))
        times = [
            Series(
                f"p{share * 100:.0f}",
                [measured.latency[at].quantile(share) if at in measured.latency else None for at in range(MINUTES)],
            )
            for share in QUANTILES
        ]
        yield self._chart("latency", charts.lines("Latency in ms", ticks, times, text=rounded))
        yield self._chart("paths", charts.rows("Top paths", measured.top_paths(_TOP)))

    def _chart(self, name: str, chart: charts.Chart) -> Figure:
        return charts.figure(chart, self.directory, name)


def _count(values: Mapping[int, object], at: int) -> int:
    return int(getattr(values.get(at), "count", 0))


def _media_facts(version: Version) -> str:
    facts = msgspec.json.decode(version.facts or "{}")
    parts = [f"{facts['duration']:.1f} s"]
    if video := facts.get("video"):
        turned = f", turned by {video['rotation']}°" if video["rotation"] else ""
        parts.append(f"{video['codec']} {pixels(video['width'], video['height'])}{turned}")
    if audio := facts.get("audio"):
        parts.append(f"{audio['codec']} {audio['sample_rate'] / 1000:g} kHz")
    return f"Came as {size(version.bytes)}, " + ", ".join(parts)


def _products(version: Version) -> str:
    return "Made: " + ", ".join(f"{item.name} {size(item.bytes)}" for item in version.products)


# --- listings -------------------------------------------------------------------------------------------------------


def catalog_of(catalog: Catalog) -> Listing:
    """Every file that is shown."""
    rows = []
    for name in sorted(catalog.files):
        version = catalog.version(name)
        made = ", ".join(item.name for item in version.products) or "nothing more is done with it"
        rows.append((name, version.kind, version.status, size(version.bytes), _note(version) or made))
    return Listing(
        title="What is shown now",
        heads=("File", "Kind", "Status", "Bytes", "What became of it"),
        rows=tuple(rows),
        numbers=(3,),
        whole=True,
    )


def _note(version: Version) -> str:
    if version.reason_code:
        return f"{version.reason_code}: {version.reason_message}"
    if version.duplicate_of:
        return f"the same as {version.duplicate_of.name}"
    facts = msgspec.json.decode(version.facts or "{}")
    if "members" in facts:
        return _many(facts["members"], "member")
    if "lines" in facts:
        return f"metrics of {facts['minutes']} minutes, {_many(facts['rejected'], 'line')} in quarantine"
    if "valid" in facts:
        return f"{_many(facts['valid'], 'valid row')}, {facts['rejected']} in quarantine"
    return ""


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def found(results: Mapping[str, SearchResult]) -> Listing:
    """Queries, and the files that they find; what was found stands in brackets."""
    rows = []
    for query, result in results.items():
        for at, hit in enumerate(result.hits):
            rows.append(("" if at else query, hit.name, _snippet(hit)))
        if not result.hits:
            rows.append((query, "nothing", "replaced, deleted, or never text"))
    return Listing(title="Queries", heads=("Query", "Finds", "Snippet"), rows=tuple(rows), whole=True)


def _snippet(hit: SearchHit) -> str:
    """Around the first word that was found."""
    text, shift = hit.snippet, 0
    for start, end in hit.highlights:
        text = f"{text[: start + shift]}[{text[start + shift : end + shift]}]{text[end + shift :]}"
        shift += 2
    begin = max(0, text.find("[") - _SNIPPET // 2)
    words = text[begin : begin + _SNIPPET].split()
    if begin:
        words[0] = "…"  # it may be half a word
    if begin + _SNIPPET < len(text):
        words[-1] = "…"
    return " ".join(words)


def quarantined(rows: Mapping[str, Sequence[BadRow]], lines: Mapping[str, Sequence[QuarantinedLine]]) -> Listing:
    """What was bad in files that are good as a whole."""
    told = [
        (name, f"{row.row}", row.column, _cut(f"{row.code}: {row.message}", _REASON), _cut(row.raw or "", _RAW))
        for name, bad in rows.items()
        for row in bad
    ]
    told += [
        (name, f"{line.line}", "", _cut(f"{line.code.value}: {line.message}", _REASON), _cut(line.raw or "", _RAW))
        for name, bad in lines.items()
        for line in bad
    ]
    heads = ("File", "Row", "Column", "Reason", "As it came")
    return Listing(title="In quarantine", heads=heads, rows=tuple(told), numbers=(1,), whole=True)


def totals(days: Mapping[str, Mapping[str, Totals]]) -> Listing:
    """By day and prefix."""
    rows = tuple(
        (day, prefix or "(none)", f"{each.files}", size(each.bytes), f"{each.rejects}", _kinds(each.kinds))
        for day, found in sorted(days.items())
        for prefix, each in sorted(found.items())
    )
    heads = ("Day", "Prefix", "Files", "Bytes", "Rejected", "Kinds")
    return Listing(
        title="By day of arrival and first path segment", heads=heads, rows=rows, numbers=(2, 3, 4), whole=True
    )


def _kinds(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" if count > 1 else name for name, count in sorted(kinds.items()))


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def seconds_of(versions: Iterable[Version]) -> list[float]:
    """From the arrival of each version until it was settled."""
    return sorted(
        (datetime.fromisoformat(each.settled_at) - datetime.fromisoformat(each.arrived_at)).total_seconds()
        for each in versions
        if each.settled_at
    )
