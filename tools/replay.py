"""``replay``: computes the metrics of whole days anew from the archive, by the recipes as they are now.

Every event counts once, by its origin; of unique ones, such as orders, the one that is stored, or else the first by
arrival, which is stored then. What comes out takes the place of what the shards wrote, item by item, under the
pseudo-shard ``replay``. So a second run, or one after a kill, gives the same. Items are replaced, never removed: of
metrics and dimensions that the archive tells nothing about, what is there stays. The stream's own metrics
(``stream.*``) tell of arrivals, which the archive does not, and stay, too.

An archived event that did not count live is left out, since a redrive may count it later. A redrive or a late batch at
the same time does no harm: a day during which anything moved is computed again.

The archive is read twice, first to see that every event can be decoded: else nothing is written. In memory are the
origins of one day of one recipe (some 300 bytes an event), its items, and all unique events of the range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.stream_analytics import contract
from lambdas.stream_analytics.adapters.ledger import DAY
from lambdas.stream_analytics.contract import ArchivedEvent
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.recipe import MINUTE, Recipe
from lambdas.stream_analytics.domain.tally import Tally, measured
from tools.history import History, Past
from tools.stack import Stack, ToolError
from tools.substitution import MovedError, Substitution

PATIENCE = 5
"""How often a day is computed because others write it at the same time."""


@dataclass
class Row:
    """What a run came to for one recipe and day."""

    recipe: str
    day: date
    objects: int = 0
    lines: int = 0
    counted: int = 0
    repeated: int = 0
    """Lines beyond the first with an origin, or of a unique event."""
    left_out: int = 0
    """Events that did not count live."""
    items: int = 0
    changed: int = 0
    """Items that were not as they are now."""


@dataclass
class Summary:
    """What a run came to."""

    rows: list[Row] = field(default_factory=list)
    undecodable: list[str] = field(default_factory=list)
    """If there are any, nothing was written."""


def days(since: date, until: date) -> list[date]:
    """From ``since`` on, without ``until``."""
    return [since + timedelta(days=number) for number in range((until - since).days)]


@dataclass
class Replay:
    """One run over whole days, ``until`` not included."""

    stack: Stack
    since: date
    until: date
    dry_run: bool = False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell

    def __post_init__(self) -> None:
        self._history = History(self.stack, self.now().timestamp())
        self._substitution = Substitution(self.stack)
        self._units = [(recipe, day) for day in days(self.since, self.until) for recipe in self.stack.recipes]

    def run(self) -> Summary:
        """Replays.

        Raises:
            ToolError: the days are not closed yet, or forgotten already, or something kept changing them.
            UnavailableError: run it again.
        """
        self._check_days()
        summary = Summary()
        first: dict[str, dict[str, Past]] = defaultdict(dict)
        for number, (recipe, day) in enumerate(self._units):
            self.tell("check", number, len(self._units))
            row = Row(recipe.name, day)
            self._check(recipe, day, row, first[recipe.name], summary.undecodable)
            summary.rows.append(row)
        self.tell("check", len(self._units), len(self._units))
        if self.dry_run or summary.undecodable:
            return summary
        for unique in first.values():
            self._store(unique)
        summary.rows = []
        for number, (recipe, day) in enumerate(self._units):
            self.tell("replay", number, len(self._units))
            summary.rows.append(self._patiently(recipe, day))
        self.tell("replay", len(self._units), len(self._units))
        return summary

    def _check_days(self) -> None:
        now, end = self.now(), _midnight(self.until)
        if not self._units:
            raise ToolError(f"No day lies between {self.since} and {self.until}: --until is the day after the last.")
        closed = now - timedelta(seconds=self.stack.settings.limits.max_late_seconds)
        if end > closed:
            raise ToolError(
                f"{self.until - timedelta(days=1)} is not closed yet: events of it are taken until "
                f"{end + (now - closed):%Y-%m-%d %H:%M} UTC (max_late_seconds). Replay it then, or give --until "
                f"{closed:%Y-%m-%d} or earlier."
            )
        kept = now - timedelta(days=self.stack.settings.metrics_days)
        if _midnight(self.since) < kept:
            raise ToolError(
                f"Metrics are kept for {self.stack.settings.metrics_days} days, so those of {self.since} would expire "
                f"at once: give --since {kept + timedelta(days=1):%Y-%m-%d} or later, or raise metrics_days and deploy."
            )

    # --- first reading ----------------------------------------------------------------------------------------------

    def _check(self, recipe: Recipe[Any], day: date, row: Row, first: dict[str, Past], undecodable: list[str]) -> None:
        """Reads a day; of unique events keeps the first with each key."""
        seen: set[str] = set()
        for key in self._history.keys(recipe, day):
            row.objects += 1
            events = self._history.events(recipe, key, undecodable)
            new = self._new(events, seen, row)
            if not recipe.once:
                row.counted += len(new)
                continue
            left_out = self._history.uncounted(each.archived for each in new)
            for each in new:
                unique = recipe.once(each.event)
                if str(each.archived) not in left_out and (
                    unique not in first or _rank(each.archived) < _rank(first[unique].archived)
                ):
                    first[unique] = each
            row.counted += len(new) - len(left_out)
            row.left_out += len(left_out)

    @staticmethod
    def _new(events: Sequence[Past], seen: set[str], row: Row) -> list[Past]:
        """Those whose origin was not seen before."""
        new = []
        for each in events:
            origin = str(each.archived)
            if origin not in seen:
                seen.add(origin)
                new.append(each)
        row.lines += len(events)
        row.repeated += len(events) - len(new)
        return new

    def _store(self, unique: dict[str, Past]) -> None:
        """Stores the unique events of which none is stored yet."""
        stored = self.stack.ledger.stored(unique) if unique else {}
        for key, past in unique.items():
            if key in stored:
                continue
            try:
                self.stack.dynamodb.put_item(
                    TableName=self.stack.settings.orders_table_name,
                    Item={
                        contract.ORDER_ID: {"S": key},
                        "event": {"S": past.content.decode()},
                        "time": {"S": past.event.time.isoformat()},
                        "origin": {"S": str(past.archived)},
                    },
                    ConditionExpression=f"attribute_not_exists({contract.ORDER_ID})",
                )
            except ClientError as error:
                if not has_code(error, {"ConditionalCheckFailedException"}):
                    raise

    # --- second reading ---------------------------------------------------------------------------------------------

    def _patiently(self, recipe: Recipe[Any], day: date) -> Row:
        for _ in range(PATIENCE):
            try:
                return self._replay(recipe, day)
            except MovedError:
                continue
        raise ToolError(
            f"{recipe.name} of {day} kept changing while it was replayed: run it again when no redrive runs, and no "
            f"shard lags behind."
        )

    def _replay(self, recipe: Recipe[Any], day: date) -> Row:
        """Replaces a day's items, if nothing moved between reading what counted and reading what is there."""
        keys = self._history.keys(recipe, day)
        row = Row(recipe.name, day, objects=len(keys))
        tally: Tally = {}
        left_out: list[ArchivedEvent] = []
        for events in self._counting(recipe, keys, row, left_out):
            for item, aggregate in measured(recipe, events):
                tally[item] = tally[item].merge(aggregate) if item in tally else aggregate
        start = int(_midnight(day).timestamp())
        present = self._substitution.present(tally, start, start + DAY)
        if self._history.uncounted(left_out) != {str(each) for each in left_out}:
            raise MovedError("events were counted in the meantime")
        if self._history.keys(recipe, day) != keys:
            raise MovedError("events were archived in the meantime")
        row.items = len(tally)
        row.changed = self._substitution.replace(tally, present)
        return row

    def _counting(
        self, recipe: Recipe[Any], keys: Sequence[str], row: Row, left_out: list[ArchivedEvent]
    ) -> Iterator[dict[int, list[Event]]]:
        """Of each object the events that count, by minute since 1970."""
        seen: set[str] = set()
        once: set[str] = set()
        undecodable: list[str] = []
        for key in keys:
            new = self._new(self._history.events(recipe, key, undecodable), seen, row)
            if undecodable:
                raise MovedError("an event was archived in the meantime that cannot be decoded")
            uncounted = self._history.uncounted(each.archived for each in new)
            left_out += [each.archived for each in new if str(each.archived) in uncounted]
            counted = [each for each in new if str(each.archived) not in uncounted]
            unique = self._unique(recipe, counted, once)
            row.left_out += len(uncounted)
            row.repeated += len(counted) - len(unique)
            minutes: dict[int, list[Event]] = defaultdict(list)
            for each in unique:
                if recipe.keep is None or recipe.keep(each.event):
                    minutes[int(each.event.time.timestamp()) // MINUTE].append(each.event)
                    row.counted += 1
            yield minutes

    def _unique(self, recipe: Recipe[Any], events: list[Past], once: set[str]) -> list[Past]:
        """Of events with a key of their own those that are stored; all of others."""
        if not recipe.once or not events:
            return events
        keyed = [(recipe.once(each.event), each) for each in events]
        stored = self.stack.ledger.stored({key for key, _ in keyed})
        found = []
        for key, each in keyed:
            if key not in once and stored.get(key) == each.content:
                once.add(key)
                found.append(each)
        return found


def _rank(archived: ArchivedEvent) -> tuple[float, str]:
    return archived.arrived, str(archived)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
