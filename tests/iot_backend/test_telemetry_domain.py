"""Messages of devices: what is taken, what is refused, and what stream analytics makes of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.common.tables.metrics.aggregates import Stats
from lambdas.iot_backend.contract import TelemetryLimits
from lambdas.iot_backend.contract.devices import Enrolment, Kind
from lambdas.iot_backend.contract.messages import Envelope, ReasonCode
from lambdas.iot_backend.domain.rejection import Rejected
from lambdas.iot_backend.domain.telemetry import Measured, analytics_events, check_sender, read
from lambdas.stream_analytics.contract import Limits
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.recipes.telemetry import RECIPE
from tests.events.iot import CERTIFICATE_ID, RECEIVED_AT, event
from tests.stream_analytics.analyzing import KEY, in_pieces, values

LIMITS = TelemetryLimits()
MINUTE, DAY = 60_000, 24 * 60 * 60_000
GOOD = {"sequence": 7, "measured_at": RECEIVED_AT, "readings": {"temperature": 21.5}}
ENROLMENT = Enrolment(
    kind=Kind.SENSOR, principal=CERTIFICATE_ID, client_id="dev-1", enrolled_at="2026-11-25", enrolled_by="me"
)


def envelope(payload: bytes = b"{}", **more: Any) -> Envelope:
    return msgspec.convert(event(payload, **{"device_id": "dev-1"} | more), Envelope)


def told(**change: Any) -> Measured:
    return read(envelope(json.dumps(GOOD | change).encode()), LIMITS)


def refused(payload: bytes) -> ReasonCode:
    with pytest.raises(Rejected) as rejected:
        read(envelope(payload), LIMITS)
    return rejected.value.code


def test_a_time_may_be_told_in_milliseconds_or_as_rfc_3339() -> None:
    moment = datetime.fromtimestamp(RECEIVED_AT / 1000, UTC)

    assert told(measured_at=moment.isoformat()) == told(measured_at=RECEIVED_AT)


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    assert told(measured_at="2026-11-26T00:12:26.682+01:00").measured_at == "2026-11-25T23:12:26.682Z"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"measured_at": RECEIVED_AT - 1, "sequence": 9}, {"measured_at": RECEIVED_AT, "sequence": 0}),
        ({"sequence": 9}, {"sequence": 10}),
        ({"measured_at": RECEIVED_AT - 6 * DAY}, {"measured_at": RECEIVED_AT}),
    ],
)
def test_versions_sort_by_time_and_then_by_sequence(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    assert told(**earlier).version < told(**later).version


@given(st.tuples(st.integers(0, 10**13 - 1), st.integers(0, 10**12 - 1)), st.integers(0, 10**12 - 1))
def test_versions_of_any_time_that_can_be_are_as_wide(at: tuple[int, int], other: int) -> None:
    limits = TelemetryLimits(max_age_seconds=10**12, max_ahead_seconds=10**12)

    def version(moment: int, sequence: int) -> str:
        payload = json.dumps(GOOD | {"measured_at": moment, "sequence": sequence}).encode()
        return read(envelope(payload), limits).version

    assert (version(*at) < version(other, at[1])) == (at[0] < other)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": -1},
        {"sequence": 10**12},
        {"sequence": "7"},
        {"measured_at": "2026-11-25T23:12:26"},
        {"measured_at": "yesterday"},
        {"measured_at": 1.5},
        {"measured_at": None},
        {"readings": {}},
        {"readings": {"Temperature": 1}},
        {"readings": {"a" * 65: 1}},
        {"readings": {"temperature": "21.5"}},
        {"readings": {"temperature": True}},
        {"readings": [1]},
        {"battery": 3},
    ],
)
def test_another_shape_is_malformed(change: dict[str, Any]) -> None:
    assert refused(json.dumps(GOOD | change).encode()) is ReasonCode.MALFORMED


@pytest.mark.parametrize("name", ["Infinity", "-Infinity", "NaN", "1e400"])
def test_a_number_that_is_not_finite_is_malformed(name: str) -> None:
    assert refused(json.dumps(GOOD).replace("21.5", name).encode()) is ReasonCode.MALFORMED


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=9).map(lambda each: json.dumps(GOOD).encode() + each)))
def test_whatever_comes_is_taken_or_refused(payload: bytes) -> None:
    try:
        taken = read(envelope(payload), LIMITS)
    except Rejected:
        return
    assert taken.readings == GOOD["readings"]


@pytest.mark.parametrize(
    "change",
    [
        {"measured_at": RECEIVED_AT + 5 * MINUTE + 1},
        {"measured_at": RECEIVED_AT - 7 * DAY - 1},
        {"readings": {f"r{number}": 1 for number in range(51)}},
        {"readings": {"energy": 10**15}},
        {"readings": {"energy": -(10**15)}},
    ],
)
def test_what_cannot_be_is_out_of_range(change: dict[str, Any]) -> None:
    assert refused(json.dumps(GOOD | change).encode()) is ReasonCode.OUT_OF_RANGE


@pytest.mark.parametrize(
    "change",
    [
        {"measured_at": RECEIVED_AT + 5 * MINUTE},
        {"measured_at": RECEIVED_AT - 7 * DAY},
        {"readings": {f"r{number}": 1 for number in range(50)}},
        {"readings": {"energy": 10**15 - 1}},
        {"sequence": 10**12 - 1},
    ],
)
def test_what_is_at_a_limit_is_taken(change: dict[str, Any]) -> None:
    told(**change)


@pytest.mark.parametrize(
    ("enrolment", "change", "reason"),
    [
        (None, {}, ReasonCode.UNKNOWN_DEVICE),
        (ENROLMENT, {"principal": "f" * 64}, ReasonCode.STRANGER),
        (ENROLMENT, {"client_id": "n/a"}, ReasonCode.STRANGER),
    ],
)
def test_who_is_not_the_enrolled_device_is_refused(
    enrolment: Enrolment | None, change: dict[str, Any], reason: ReasonCode
) -> None:
    with pytest.raises(Rejected) as rejected:
        check_sender(envelope(**change), enrolment)

    assert rejected.value.code is reason


def test_the_enrolled_device_is_taken() -> None:
    check_sender(envelope(), ENROLMENT)


# --- stream analytics -----------------------------------------------------------------------------------------------

numbers = st.floats(-(10.0**15) + 1, 10.0**15 - 1) | st.integers(-(10**15) + 1, 10**15 - 1)


@given(st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,63}\Z"), numbers, min_size=1, max_size=50))
def test_stream_analytics_takes_every_reading_to_nine_decimal_places(readings: dict[str, float]) -> None:
    events = list(analytics_events(told(readings=readings)))

    analysis = Analyzer([RECIPE], Limits(), KEY).analyze(in_pieces(events, [RECEIVED_AT / 1000] * len(events)))

    assert analysis.rejected == {}
    counted = values(analysis.whole, "telemetry.reading")
    assert counted.keys() == {f"dev-1/{name}" for name in readings}
    for name, value in readings.items():
        stats = counted[f"dev-1/{name}"]
        assert isinstance(stats, Stats)
        assert stats.count == 1
        assert abs(stats.minimum - Decimal(repr(float(value)))) <= Decimal("5e-10")


def test_a_message_that_comes_again_makes_the_same_events() -> None:
    one, other = told(readings={"a": 1, "b": 2}), told(readings={"b": 2, "a": 1})

    assert list(analytics_events(one)) == list(analytics_events(other))
