"""The bill of telemetry is reckoned as AWS does, from what was measured and from what the stack sets."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bench.bill import Line, total
from bench.invocations import Usage
from bench.iot_backend import bill
from bench.iot_backend.bill import FORWARDED, METERED_BYTES, MIX, Month
from bench.iot_backend.inputs import DEVICE, MESSAGE_BYTES, event
from bench.iot_backend.pricing import measured
from lambdas.common.producer import pack
from lambdas.iot_backend import telemetry
from lambdas.iot_backend.contract import TelemetryLimits
from lambdas.iot_backend.contract.messages import Envelope
from lambdas.iot_backend.domain.telemetry import analytics_events, read
from prices import prices
from stacks.iot_backend.config import IotBackendConfig

MESSAGE = Usage(
    seconds=0.002,
    calls={"Query": 1, "PutItem": 1, "Publish": 0},
    read_units=1,
    write_units=1,
    stored_bytes=0,
    log_bytes=624,
    answer_bytes=0,
)
CROSSING = replace(MESSAGE, calls={"Query": 1, "PutItem": 2, "Publish": 1}, write_units=2)
USAGES = {
    "message": MESSAGE,
    "crossing": CROSSING,
    FORWARDED: replace(MESSAGE, calls={**MESSAGE.calls, "PutRecords": 1}),
}
MONTH = Month(1e6, USAGES, prices())

# One invocation in a thousand starts an environment; half a millisecond is rounded up; a call waits 5 or 6.
GB_SECONDS = 1e6 * (0.002 + 0.0007) * 1769 / 1024
GB_SECONDS += 1e6 * (0.006 + 0.005 + 0.01 * (0.005 + 0.015) + 0.0005) * 512 / 1024

DOLLARS = {
    "IoT connection minutes": 0.08,
    "IoT messages": 1.0,
    # By each of two rules, of which one acts.
    "IoT rules triggered": 0.3,
    "IoT rule actions": 0.15,
    "Lambda requests": 0.2,
    "Lambda GB-seconds": GB_SECONDS * 0.0000133334,
    "DynamoDB write units": 1.01 * 0.625,
    "DynamoDB read units": 0.125,
    "SNS requests": 0.005,
    "CloudWatch GB of the function's logs": 1e6 * 1024 / 1024**3 * 0.5,
    "X-Ray traces": 5.0,
    "CloudWatch metrics": 1.8,
}


def _line(what: str, month: Month = MONTH) -> Line:
    (found,) = [each for each in month.lines() if each.what == what]
    return found


@pytest.mark.parametrize("what", DOLLARS)
def test_a_million_messages(what: str) -> None:
    assert _line(what).month == pytest.approx(DOLLARS[what])


def test_there_is_no_other_line() -> None:
    assert [line.what for line in MONTH.lines()] == list(DOLLARS)


def test_billions_of_messages_cost_less() -> None:
    assert _line("IoT messages", replace(MONTH, messages=6e9)).month == pytest.approx(1000 + 4 * 800 + 700)


def test_options_are_not_in_the_total() -> None:
    lines = MONTH.lines()

    assert [each.month for each in MONTH.options()] == pytest.approx(
        [1e6 * 0.015 * 512 / 1024 * 0.0000133334, 1e6 * 1024 / 1024**3 * 0.08]
    )
    assert total([*lines, *MONTH.options()]).month == total(lines).month


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))

    assert named
    assert named <= prices().keys()


# --- what the bill takes for granted --------------------------------------------------------------------------------


def test_what_is_measured_is_what_the_function_does() -> None:
    usages = measured(rounds=1)

    assert {name: usage.calls for name, usage in usages.items()} == {
        "message": {"Query": 1, "PutItem": 1},
        "crossing": {"Query": 1, "PutItem": 2, "Publish": 1},
        FORWARDED: {"Query": 1, "PutRecords": 1, "PutItem": 1},
    }
    assert (usages["message"].write_units, usages["message"].read_units) == (1, 1)
    assert all(usage.seconds > 0 and usage.log_bytes > 200 for usage in usages.values())


def test_the_mix_is_whole() -> None:
    assert sum(MIX.values()) == pytest.approx(1)


def test_a_message_is_metered_as_one() -> None:
    assert MESSAGE_BYTES <= METERED_BYTES


def test_the_readings_of_a_message_are_one_record_of_the_stream_and_up_to_1_kb() -> None:
    measurement = read(msgspec.convert(event(7), Envelope), TelemetryLimits())
    (record,) = pack(analytics_events(measurement))

    assert len(record) + len(DEVICE) <= bill.STREAM_RECORD_BYTES


def test_the_bill_takes_the_defaults_of_the_config() -> None:
    assert IotBackendConfig().telemetry_function.memory_mb == bill.FUNCTION_MEMORY_MB


def test_the_bill_has_all_metrics_of_the_function() -> None:
    counted = set(re.findall(r"Metric\.[A-Z]+", Path(telemetry.__file__).read_text()))

    assert len(counted) == bill.METRICS
