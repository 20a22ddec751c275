"""One transform for live and historical data: changes in, rows and deletions out, and what was rejected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import Any

import msgspec

from lambdas.common.tables.read_model import layout
from lambdas.table_etl.contract import Limits, Quarantined, ReasonCode
from lambdas.table_etl.domain.attributes import key_text
from lambdas.table_etl.domain.changes import Change
from lambdas.table_etl.domain.columns import row_json
from lambdas.table_etl.domain.digits import NumberError
from lambdas.table_etl.domain.marshalling import marshal_fields
from lambdas.table_etl.domain.pipeline import Flow, KeyValues, Pipeline, Placement
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.domain.steps import Filter, Map


class Content(msgspec.Struct, frozen=True, gc=False):
    """A row as the targets want it; made at once for all of them, so that a row is in all targets or in none."""

    row: Any
    json: bytes
    """See `row_json`."""
    attributes: dict[str, dict[str, Any]]
    """See `marshal_fields`."""
    placement: Placement

    @property
    def item_bytes(self) -> int:
        """Of its item in the read model, at the most: a list in a list has four bytes there, and two as JSON."""
        return layout.OWN_BYTES + 2 * len(self.json) + self.placement.size


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """What a source item comes to, as of a version."""

    flow: Flow[Any]
    key: str
    """Identifies the source item, see `key_text`."""
    version: str
    day: str
    content: Content | None
    """None where there is no row (any more): the item is deleted, or filtered out."""


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

    def model_of(self, item: Mapping[str, Any]) -> type[msgspec.Struct] | None:
        """The model of the flow that takes an item; None if none does. Raises Rejected for a missing key."""
        flow = self._flow(self.pipeline.key_of(item), needed=False)
        return flow.steps.validate.model if flow else None

    def _load(self, change: Change) -> Loaded | None:
        state = change.read(self)
        values = self.pipeline.key_of(state.keys)
        try:
            selected = self.pipeline.source.selects(state.item)
            flow = self._flow(values, needed=selected)
            if flow is None:
                return None
            key, day = key_text(values), flow.partition_day(values)
        except Rejected:
            raise
        except Exception as error:
            raise _verdict(error, "the key", ReasonCode.BAD_KEY) from error
        content = self._content(flow, state.item, strict=change.strict) if selected else None
        return Loaded(flow, key, change.version, day, content)

    def _flow(self, values: KeyValues, *, needed: bool) -> Flow[Any] | None:
        try:
            return self.pipeline.flow_of(values)
        except Rejected:
            if needed:
                raise
            return None

    def _content(self, flow: Flow[Any], item: Any, *, strict: bool) -> Content | None:
        """The row of an item; None if it is filtered out."""
        try:
            row = flow.steps.validate(item, strict=strict)
            for step in flow.steps.rest:
                match step:
                    case Filter(keep) if not keep(row):
                        return None
                    case Map(make):
                        row = make(row)
            if not isinstance(row, flow.row):
                raise TypeError(f"the steps end in {type(row).__name__}, not in {flow.row.__name__}")  # noqa: TRY301
            content = Content(row, row_json(row), marshal_fields(row), flow.placed(row))
        except Rejected:
            raise
        except Exception as error:
            raise _verdict(error, flow.name, ReasonCode.WRONG_SCHEMA) from error
        if len(content.json) > self.limits.max_row_bytes:
            raise Rejected(
                ReasonCode.TOO_BIG,
                f"the row has {len(content.json)} bytes, and at most {self.limits.max_row_bytes} are loaded: leave "
                f"fields out in a map step, or raise limits.max_row_bytes",
            )
        if content.item_bytes > layout.MAX_ITEM_BYTES:
            raise Rejected(
                ReasonCode.TOO_BIG,
                f"the row has {len(content.json)} bytes, which may take {content.item_bytes} in DynamoDB with its view "
                f"and its totals, and {layout.MAX_ITEM_BYTES} fit into an item: leave fields out in a map step",
            )
        return content

    def _sorted(self, loaded: list[Loaded]) -> list[Loaded]:
        """Versions of one row stay in order: sorting is stable."""
        ordered: list[Loaded] = []
        for flow in self.pipeline.flows:
            own = sorted((each for each in loaded if each.flow is flow), key=attrgetter("key", "version"))
            rows = [each for each in own if each.content is not None]
            for name in reversed(flow.steps.sort_fields):
                rows.sort(key=lambda each: _sort_key(each.content, name))
            ordered += [*rows, *(each for each in own if each.content is None)]
        return ordered


def _sort_key(content: Any, name: str) -> tuple[Any, ...]:
    """Absent values come last, as in the lake."""
    value = getattr(content.row, name)
    if value is None or value is msgspec.UNSET:
        return (True,)
    return False, value.value if isinstance(value, Enum) else value


def _verdict(error: Exception, where: str, code: ReasonCode) -> Rejected:
    """What a pipeline's functions raise is a verdict: by ValueError on the item, by any other error on themselves."""
    match error:
        case NumberError():
            return Rejected(ReasonCode.BAD_NUMBER, str(error))
        case ValueError():
            return Rejected(code, str(error))
    return Rejected(ReasonCode.STEP_ERROR, f"{where}: {type(error).__name__}: {error}")


def latest(loaded: Iterable[Loaded]) -> list[Loaded]:
    """The last version of each row or deletion, in the order given: what targets that keep a state need."""
    last: dict[str, Loaded] = {}
    for each in loaded:
        present = last.get(each.key)
        if present is None or each.version > present.version:
            last.pop(each.key, None)
            last[each.key] = each
    return list(last.values())
