"""Messages in quarantine are taken once what was wrong is put right; failed events go to their functions again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from lambdas.iot_backend import telemetry
from lambdas.iot_backend.contract.messages import Quarantined, ReasonCode, quarantine_prefix
from lambdas.iot_backend.domain.envelopes import opened
from tests.events import iot
from tests.iot_backend.telemetry_world import QUARANTINE, World
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Killed
from tests.tools.etl_yard import Deleting, FakeLambda, FakeSqs
from tests.tools.test_redrive_log_analysis import record
from tools.__main__ import main
from tools.redrive_iot_backend import ADVANCE_FAILED, PRESS_FAILED, STEP_UNDELIVERED, TELEMETRY_FAILED

QUEUES = {"telemetry": TELEMETRY_FAILED, "press": PRESS_FAILED, "advance": ADVANCE_FAILED, "steps": STEP_UNDELIVERED}
DAY = datetime.fromtimestamp(iot.RECEIVED_AT / 1000, UTC)


def message(device_id: str, temperature: float = 20.5, sequence: int = 1) -> dict[str, Any]:
    """The event of a message that is right, but for its sender."""
    told = {"sequence": sequence, "measured_at": iot.RECEIVED_AT, "readings": {"temperature": temperature}}
    return iot.event(json.dumps(told).encode(), device_id=device_id)


class Amazon:
    """boto3.client, for a stack whose Telemetry function is the real one."""

    def __init__(self) -> None:
        self.world = World()
        self.outside = Outside()
        self.s3 = Deleting(self.outside)
        self.s3.buckets = self.world.s3.buckets
        self.sqs = FakeSqs(self.outside)
        self.sqs.queues |= {name: [] for name in QUEUES}
        self.pressed: list[Any] = []
        self.advanced: list[Any] = []
        self.functions = FakeLambda(
            self.outside, {"tell": self.tell, "push": self.pressed.append, "go-on": self.advanced.append}
        )
        self.outputs = {
            "TelemetryFunctionName": "tell",
            "PressFunctionName": "push",
            "AdvanceFunctionName": "go-on",
            "QuarantineBucketName": QUARANTINE,
            "TelemetryFailureQueueUrl": "telemetry",
            "PressFailureQueueUrl": "press",
            "AdvanceFailureQueueUrl": "advance",
            "StepsDeadLetterQueueUrl": "steps",
        }

    def __call__(self, service: str, **_: Any) -> Any:
        return {"sqs": self.sqs, "lambda": self.functions, "s3": self.s3}.get(service, self)

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}

    def tell(self, event: Any) -> Any:
        with self.world.function():
            return telemetry.handler(event, SimpleNamespace(aws_request_id="request-1"))

    @property
    def quarantine(self) -> dict[str, bytes]:
        found: dict[str, bytes] = self.s3.buckets[QUARANTINE]
        return found

    def temperature(self, device_id: str) -> float | None:
        state = self.world.state(device_id)
        return state.readings["temperature"] if state else None


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["redrive", "IotBackend", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def numbers(out: str, reason: str) -> list[str]:
    row = next(line for line in out.splitlines() if reason in line)
    return [each for each in row.replace("│", " ").split() if each.isdecimal()]


def test_a_message_of_a_device_that_is_enrolled_by_now_is_taken_and_gone_from_quarantine(
    amazon: Amazon, run: Run
) -> None:
    amazon.tell(message("dev-2"))
    amazon.world.enrol("dev-2")

    code, out, err = run()

    assert (code, err) == (0, "")
    assert amazon.temperature("dev-2") == 20.5
    assert amazon.quarantine == {}
    assert numbers(out, "unknown_device") == ["1", "1", "0", "0", "0"]


def test_what_is_rejected_again_stays_as_it_was_and_is_told(amazon: Amazon, run: Run) -> None:
    amazon.tell(message("dev-2"))
    before = dict(amazon.quarantine)

    code, out, _ = run()

    assert code == 0
    assert amazon.quarantine == before
    assert numbers(out, "unknown_device") == ["1", "1", "1", "0", "0"]


def test_what_is_rejected_for_another_reason_now_is_in_quarantine_once(amazon: Amazon, run: Run) -> None:
    amazon.tell(message("dev-2"))
    amazon.world.enrol("dev-2", principal="0" * 64)

    run()

    assert [line.reason for line in amazon.world.quarantined()] == [ReasonCode.STRANGER]


def test_an_old_message_does_not_replace_what_the_device_has_told_since(amazon: Amazon, run: Run) -> None:
    amazon.tell(message("dev-2", 20.5, sequence=1))
    amazon.world.enrol("dev-2")
    amazon.tell(message("dev-2", 21.5, sequence=2))

    run()

    assert amazon.temperature("dev-2") == 21.5
    assert amazon.quarantine == {}


def test_a_press_that_nobody_can_read_is_left_in_quarantine(amazon: Amazon, run: Run) -> None:
    where = opened(iot.event(b"no press", device_id="button-1"))
    line = Quarantined(reason=ReasonCode.MALFORMED_PRESS, message="no press", where=where)
    amazon.quarantine[f"{quarantine_prefix(DAY.date())}it.jsonl"] = msgspec.json.encode(line)

    code, _, _ = run()

    assert code == 0
    assert (len(amazon.quarantine), amazon.functions.sizes) == (1, [])


def test_an_object_that_is_none_of_the_functions_is_told(amazon: Amazon, run: Run) -> None:
    amazon.quarantine[f"{quarantine_prefix(DAY.date())}notes.txt"] = b"hello"

    code, out, _ = run()

    assert code == 1
    assert f"s3://{QUARANTINE}/{quarantine_prefix(DAY.date())}notes.txt is no quarantine of messages" in out


def test_a_message_that_the_function_fails_on_stays_and_the_error_is_told(amazon: Amazon, run: Run) -> None:
    amazon.tell(message("dev-2"))
    amazon.world.enrol("dev-2")
    amazon.world.outside.decide = lambda name: Fault.THROTTLED if name == "PutRecords" else Fault.NONE

    code, out, _ = run()

    assert code == 1
    assert len(amazon.quarantine) == 1
    assert "UnavailableError: forward readings" in out


def test_a_run_that_is_killed_before_it_deletes_an_object_takes_it_again(amazon: Amazon, run: Run) -> None:
    amazon.tell(message("dev-2"))
    amazon.world.enrol("dev-2")
    amazon.outside.decide = lambda name: Fault.KILL_BEFORE if name == "DeleteObject" else Fault.NONE
    with pytest.raises(Killed):
        run()
    amazon.outside.decide = lambda _: Fault.NONE

    code, _, _ = run()

    assert (code, amazon.quarantine, amazon.temperature("dev-2")) == (0, {}, 20.5)


def test_each_function_gets_what_it_failed_on_and_steps_go_to_advance(amazon: Amazon, run: Run) -> None:
    press = iot.event(b'{"click": "SINGLE", "press_id": "press-0001"}', device_id="button-1")
    step = {"release_id": "019ac5b0", "step": 1}
    amazon.sqs.put("telemetry", record(message("dev-1", 22.5)))
    amazon.sqs.put("press", record(press))
    amazon.sqs.put("advance", record({}))
    amazon.sqs.put("steps", json.dumps(step))

    code, out, err = run()

    assert (code, err) == (0, "")
    assert amazon.temperature("dev-1") == 22.5
    assert (amazon.pressed, amazon.advanced) == ([press], [{}, step])
    assert [amazon.sqs.bodies(name) for name in QUEUES] == [[]] * len(QUEUES)
    assert [numbers(out, reason) for reason in QUEUES.values()] == [["1", "1", "0", "0", "0"]] * len(QUEUES)


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        (["--dry-run"], False),
        (["--rate", "1000"], True),
        (["--reason", "unknown_device"], True),
        (["--reason", "stranger"], False),
        (["--since", f"{DAY + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"], False),
        (["--until", f"{DAY:%Y-%m-%dT%H:%M:%S}"], False),
        (["--until", f"{DAY + timedelta(days=1):%Y-%m-%d}"], True),
    ],
)
def test_redrive_options(amazon: Amazon, run: Run, options: list[str], taken: bool) -> None:  # noqa: FBT001
    amazon.tell(message("dev-2"))
    amazon.world.enrol("dev-2")

    run(*options)

    assert (amazon.temperature("dev-2") is not None, amazon.quarantine == {}) == (taken, taken)


def test_a_reason_of_another_kind_of_stack_is_refused(run: Run) -> None:
    code, _, err = run("--reason", "too_big")

    assert code == 1
    assert "'IotBackend' has no reason too_big, only advance_failed" in err
