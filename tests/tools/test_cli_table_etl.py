"""The command line for a table ETL stack: which stack it is, what it shows, and its exit codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.etl_yard import EtlYard, file_line, narrow
from tools.__main__ import main

OUTPUTS = {
    "LoadFunctionName": "load",
    "PlanFunctionName": "plan",
    "QuarantineBucketName": "quarantine",
    "FailureBucketName": "failures",
    "TasksQueueUrl": "tasks",
    "TasksDeadLetterQueueUrl": "dead",
    "PlanFailureQueueUrl": "plan-failures",
}


class Amazon:
    """boto3.client, for a stack."""

    def __init__(self, yard: EtlYard) -> None:
        self.yard = yard
        self.outputs = dict(OUTPUTS)
        self.timeouts: list[float] = []

    def __call__(self, service: str, config: Any = None) -> Any:
        if service == "lambda":
            self.timeouts.append(config.read_timeout)
        clients = {"s3": self.yard.tool_s3, "sqs": self.yard.sqs, "lambda": self.yard.functions}
        return clients.get(service, self)

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon(narrow())
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["redrive", "TableEtl", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def numbers(out: str, reason: str) -> list[str]:
    row = next(line for line in out.splitlines() if f" {reason} " in line)
    return [each for each in row.replace("│", " ").split() if each.isdecimal()]


def test_redrive_shows_a_table_and_ends_well(amazon: Amazon, run: Run) -> None:
    amazon.yard.write("too big")
    amazon.yard.deploy()

    code, out, err = run()

    assert (code, err) == (0, "")
    assert numbers(out, "too_big") == ["1", "1", "0", "0", "0"]
    assert amazon.yard.loaded() == ["too big"]
    assert "\x1b" not in out, "no terminal, no bar"


def test_redrive_dry_sends_nothing(amazon: Amazon, run: Run) -> None:
    amazon.yard.write("too big")

    code, out, _ = run("--dry-run", "--rate", "5")

    assert code == 0
    assert "to send" in out
    assert not amazon.yard.functions.sizes


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--reason", "too_big"], 1),
        (["--reason", "wrong_schema"], 0),
        (["--reason", "task_failed", "--reason", "too_big"], 1),
        (["--since", "2026-11-25T23:00"], 1),
        (["--since", "2026-11-26"], 0),
        (["--until", "2026-11-25"], 0),
        (["--until", "2026-11-25T01:00"], 1),
    ],
)
def test_redrive_options(amazon: Amazon, run: Run, options: list[str], sent: int) -> None:
    amazon.yard.write("too big")

    run(*options)

    assert len(amazon.yard.functions.sizes) == sent


def test_what_is_left_makes_exit_code_1(amazon: Amazon, run: Run) -> None:
    amazon.yard.put_in_quarantine(file_line(0, form=None))

    code, out, _ = run()

    assert code == 1
    assert numbers(out, "bad_gzip") == ["1", "0", "0", "0", "1"]
    assert "s3://files/old/orders.csv" in out


def test_what_is_in_flight_makes_exit_code_1(amazon: Amazon, run: Run) -> None:
    amazon.yard.sqs.put("dead", "task")
    amazon.yard.sqs.queues["dead"][0].visible = False

    code, out, _ = run()

    assert code == 1
    assert "run this again in minutes" in out


def test_a_long_invocation_is_waited_for(amazon: Amazon, run: Run) -> None:
    run()

    assert amazon.timeouts == [910]


def test_a_stack_of_another_version(amazon: Amazon, run: Run) -> None:
    del amazon.outputs["TasksDeadLetterQueueUrl"]

    code, _, err = run()

    assert code == 1
    assert "TasksDeadLetterQueueUrl" in err


def test_a_stack_of_another_kind(amazon: Amazon, run: Run) -> None:
    amazon.outputs = {"UploadsBucketName": "uploads"}

    code, _, err = run()

    assert code == 1
    assert "'TableEtl' has no output" in err


def test_a_reason_of_another_kind_of_stack(run: Run) -> None:
    code, _, err = run("--reason", "bad_json")

    assert code == 1
    assert "bad_json" in err
    assert "too_big" in err
