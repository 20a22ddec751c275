"""From the pieces of a batch to its analysis, many events at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from lambdas.common.tables.metrics import layout
from lambdas.stream_analytics.contract import Limits, ReasonCode, RedrivenEvent
from lambdas.stream_analytics.domain.analysis import Analysis, Places
from lambdas.stream_analytics.domain.cleansing import UTC_TIME, Cleanser
from lambdas.stream_analytics.domain.decoding import Decoder
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.pieces import Pieces
from lambdas.stream_analytics.domain.recipe import MINUTE, Recipe
from lambdas.stream_analytics.domain.rejection import Rejected
from lambdas.stream_analytics.domain.times import in_utc, minutes_of


class Analyzer:
    """Decodes, cleanses, checks and measures events by the recipes given."""

    def __init__(
        self, recipes: Sequence[Recipe[Any]], limits: Limits, pseudonym_key: bytes, *, indexed: bool = False
    ) -> None:
        self._indexed = indexed
        self._recipes = {recipe.event: recipe for recipe in recipes}
        self._limits = limits
        self._decoder = Decoder(list(self._recipes), limits)
        self._cleanser = Cleanser(pseudonym_key)

    def analyze(self, pieces: Pieces) -> Analysis:
        """The analysis of a batch; an event that makes its recipe raise an error is rejected, and the others go on."""
        try:
            return self._analyze(pieces)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  recipes are the users' code: whose event it is decides `_fault`
            faults = {at: fault for at in range(len(pieces)) if (fault := self._fault(pieces.only(at)))}
            return self._analyze(pieces.rejecting(faults))

    def _fault(self, piece: Pieces) -> Rejected | None:
        try:
            self._analyze(piece)
        except Exception as error:  # noqa: BLE001  it is told in quarantine
            return Rejected(ReasonCode.RECIPE_ERROR, f"{type(error).__name__}: {error}")
        return None

    def _analyze(self, pieces: Pieces) -> Analysis:
        analysis, by_type = self._decoded(pieces)
        for kind, decoded in by_type.items():
            recipe = self._recipes[kind]
            places = self._timely(analysis, decoded)
            events = analysis.at(places)
            for rule, changed in self._cleanser.cleanse(events, recipe.cleanse):
                analysis.cleansed[rule] += [places[index] for index in changed]
            if recipe.keep:
                kept = [at for at, event in zip(places, events, strict=True) if recipe.keep(event)]
                analysis.filtered[recipe.name] = sorted(set(places).difference(kept))
                places = kept
            analysis.places[kind] = places
        for changed in analysis.cleansed.values():
            changed.sort()
        # All that calls the recipes' code, while `analyze` can still tell whose error it is.
        for item in analysis.whole:
            layout.metric_key(item.metric, item.dimension)
        analysis.find_keys(entities=self._indexed)
        return analysis

    def _decoded(self, pieces: Pieces) -> tuple[Analysis, Places]:
        """Every event as its JSON says, and where those of each type stand."""
        analysis = Analysis(pieces, self._recipes, self._decode(pieces), [0] * len(pieces))
        events, places = analysis.events, defaultdict[type[Event], list[int]](list)
        kinds = set(map(type, events))
        if len(kinds) == 1 and kinds <= self._recipes.keys():
            return analysis, {kinds.pop(): list(range(len(events)))}
        for at, event in enumerate(events):
            kind = event.__class__
            if kind is RedrivenEvent:
                events[at] = self._inside(analysis, at, event)
                kind = events[at].__class__
            if kind is Rejected:
                analysis.rejected[at] = events[at]
            else:
                places[kind].append(at)
        return analysis, places

    def _inside(self, analysis: Analysis, at: int, redriven: RedrivenEvent) -> Event | Rejected:
        if redriven.arrived > analysis.pieces.arrived[at]:
            return Rejected(ReasonCode.WRONG_SCHEMA, "a redriven event cannot have arrived after it is redriven")
        analysis.redriven[at] = redriven
        event = self._decoder.decode_one(redriven.payload)
        if isinstance(event, RedrivenEvent):
            return Rejected(ReasonCode.WRONG_SCHEMA, "a redriven event holds another redriven event")
        return event

    def _decode(self, pieces: Pieces) -> list[Any]:
        if not pieces.rejected:
            return list(self._decoder.decode(pieces.payloads))
        good = [payload for at, payload in enumerate(pieces.payloads) if at not in pieces.rejected]
        decoded = iter(self._decoder.decode(good))
        return [pieces.rejected[at] if at in pieces.rejected else next(decoded) for at in range(len(pieces))]

    def _timely(self, analysis: Analysis, places: list[int]) -> list[int]:
        """Brings times to UTC, and rejects events from too long before or after their arrival."""
        events, minutes = analysis.at(places), analysis.minutes
        times = [event.time for event in events]
        for index in [index for index, time in enumerate(times) if time.tzinfo is not UTC]:
            times[index] = events[index].time = in_utc(times[index])
            analysis.cleansed[UTC_TIME].append(places[index])
        happened = minutes_of(times)
        if len(places) == len(minutes):
            minutes[:] = happened
        else:
            for at, minute in zip(places, happened, strict=True):
                minutes[at] = minute
        arrived = analysis.pieces.arrived
        earliest, latest = self._bounds(max(arrived))[0], self._bounds(min(arrived))[1]
        if not analysis.redriven and earliest <= min(happened) and max(happened) <= latest:
            return places
        for at in places:
            earliest, latest = self._bounds(analysis.origin(at).arrived)
            if not earliest <= minutes[at] <= latest:
                analysis.rejected[at] = self._untimely(analysis, at)
        return [at for at in places if at not in analysis.rejected]

    def _bounds(self, arrived: float) -> tuple[int, int]:
        """First and last minute that an event may be of."""
        limits = self._limits
        return int(arrived - limits.max_late_seconds) // MINUTE, int(arrived + limits.max_early_seconds) // MINUTE

    def _untimely(self, analysis: Analysis, at: int) -> Rejected:
        seconds = analysis.origin(at).arrived - analysis.events[at].time.timestamp()
        if seconds > 0:
            code, how, limit = ReasonCode.TOO_LATE, "before", self._limits.max_late_seconds
        else:
            code, how, limit = ReasonCode.IN_THE_FUTURE, "after", self._limits.max_early_seconds
        return Rejected(code, f"it happened {abs(seconds):.0f} s {how} it arrived; at most {limit} s are taken")
