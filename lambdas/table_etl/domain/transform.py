"""One transform for live and historical data: changes in, rows and deletions out, and what was rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec

from lambdas.table_etl.contract import Limits, Quarantined, ReasonCode
from lambdas.table_etl.domain.attributes import key_text
from lambdas.table_etl.domain.changes import Change
from lambdas.table_etl.domain.columns import row_json
from lambdas.table_etl.domain.pipeline import Flow, KeyValues, Pipeline
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.domain.steps import Filter, Map


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """What a source item comes to, as of a version."""

    flow: Flow[Any]
    key: str
    """Identifies the source item, see `key_text`."""
    version: str
    day: str
    row: Any
    """None where there is none (any more): the item is deleted, or filtered out."""
    json: bytes | None
    """The row's, see `row_json`."""


@dataclass
class Transformed:
    """What became of some changes."""

    loaded: list[Loaded] = field(default_factory=list)
    """By flow, rows in the order of its sort steps, then deletions in the order of their keys."""
    rejected: list[Quarantined] = field(default_factory=list)
    ignored: int = 0
    """Items that are not selected and that no flow takes, so that there is nothing to delete either."""


@dataclass(frozen=True)
class Transformer:
    """Applies a pipeline."""

    pipeline: Pipeline
    limits: Limits

    def run(self, changes: Iterable[Change]) -> Transformed:
        """Every change becomes a row or a deletion, or is rejected, or ignored; none stops the others."""
        done = Transformed()
        for change in changes:
            try:
                loaded = self._load(change)
            except Rejected as error:
                done.rejected.append(change.quarantined(error))
            else:
                if loaded is None:
                    done.ignored += 1
                else:
                    done.loaded.append(loaded)
        done.loaded = self._sorted(done.loaded)
        return done

    def model_of(self, item: Mapping[str, Any]) -> type[msgspec.Struct]:
        """The model of the flow that takes an item. Raises Rejected if none does."""
        return self.pipeline.flow_of(self.pipeline.key_of(item)).steps.validate.model

    def _load(self, change: Change) -> Loaded | None:
        state = change.read(self)
        values = self.pipeline.key_of(state.keys)
        selected = self.pipeline.source.selects(state.item)
        flow = self._flow(values, needed=selected)
        if flow is None:
            return None
        try:
            key = key_text(values)
        except ValueError as error:
            raise Rejected(ReasonCode.BAD_KEY, str(error)) from error
        row = self._row(flow, state.item, strict=change.strict) if selected else None
        json = self._json(flow, row) if row is not None else None
        return Loaded(flow, key, change.version, flow.partition_day(values), row, json)

    def _flow(self, values: KeyValues, *, needed: bool) -> Flow[Any] | None:
        try:
            return self.pipeline.flow_of(values)
        except Rejected:
            if needed:
                raise
            return None

    def _row(self, flow: Flow[Any], item: Any, *, strict: bool) -> Any:
        """The row of an item; None if it is filtered out."""
        try:
            row = flow.steps.validate(item, strict=strict)
            for step in flow.steps.rest:
                match step:
                    case Filter(keep) if not keep(row):
                        return None
                    case Map(make):
                        row = make(row)
        except Rejected:
            raise
        except ValueError as error:
            raise Rejected(ReasonCode.WRONG_SCHEMA, str(error)) from error
        except Exception as error:
            raise Rejected(ReasonCode.STEP_ERROR, f"{flow.name}: {type(error).__name__}: {error}") from error
        if not isinstance(row, flow.row):
            raise Rejected(
                ReasonCode.STEP_ERROR, f"{flow.name}: steps end in {type(row).__name__}, not {flow.row.__name__}"
            )
        return row

    def _json(self, flow: Flow[Any], row: Any) -> bytes:
        try:
            json = row_json(row)
        except ValueError as error:
            raise Rejected(ReasonCode.BAD_NUMBER, str(error)) from error
        if len(json) > self.limits.max_row_bytes:
            raise Rejected(
                ReasonCode.TOO_BIG,
                f"the row has {len(json)} bytes, and {flow.name} takes {self.limits.max_row_bytes}: leave fields out in "
                f"a map step, or raise max_row_bytes",
            )
        return json

    def _sorted(self, loaded: list[Loaded]) -> list[Loaded]:
        ordered: list[Loaded] = []
        for flow in self.pipeline.flows:
            own = [each for each in loaded if each.flow is flow]
            rows = [each for each in own if each.row is not None]
            gone = sorted((each for each in own if each.row is None), key=attrgetter("key", "version"))
            # Versions of one row stay in order: sorting is stable.
            rows.sort(key=attrgetter("key", "version"))
            for name in reversed(flow.steps.sort_fields):
                rows.sort(key=lambda each, name=name: getattr(each.row, name))  # type: ignore[misc]
            ordered += [*rows, *gone]
        return ordered


def latest(loaded: Iterable[Loaded]) -> list[Loaded]:
    """The last version of each row or deletion, in the order given: what targets that keep a state need."""
    last: dict[str, str] = {}
    for each in loaded:
        if each.version > last.get(each.key, ""):
            last[each.key] = each.version
    return [
        each for each in {(each.key, each.version): each for each in loaded}.values() if each.version == last[each.key]
    ]
