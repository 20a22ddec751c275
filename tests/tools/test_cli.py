"""The command line: what it asks of AWS, what it shows, and its exit codes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.stream_analytics.contract import archive_prefix
from tests.stream_analytics.world import deal
from tests.support.event_source import Mapping
from tests.support.fake_aws import Fault, client_error
from tests.tools.conftest import SHARDS, Yard
from tests.tools.test_redrive import NOW
from tools.__main__ import main


class Amazon:
    """boto3.client, for a stack that is there or not."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.environment = yard.stack.settings.to_env() | {"RECIPES": '["orders"]'}
        self.outputs = {
            "EventsStreamName": "events",
            "FailureBucketName": "failures",
            "AnalyzeFunctionName": "analyze",
        }

    def __call__(self, service: str) -> Any:
        return {"dynamodb": self.yard.dynamodb, "s3": self.yard.s3, "kinesis": self.yard.stream}.get(service, self)

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803  boto3's names
        if StackName != "Analytics":
            raise client_error("DescribeStacks", "ValidationError")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self.outputs.items()]
        return {"Stacks": [{"Outputs": outputs}]}

    def get_function_configuration(self, *, FunctionName: str) -> Any:  # noqa: N803
        assert FunctionName == "analyze"
        return {"Environment": {"Variables": self.environment}}


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    yard = Yard()
    yard.connect(Mapping())
    found = Amazon(yard)
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def rejected(amazon: Amazon) -> None:
    amazon.yard.stream.shards[SHARDS[0]].put(b"{")
    amazon.yard.drain()


def test_redrive_shows_a_table_and_ends_well(amazon: Amazon, run: Run) -> None:
    rejected(amazon)

    code, out, err = run("redrive", "Analytics")

    assert (code, err) == (0, "")
    row = next(line for line in out.splitlines() if "bad_json" in line)
    assert [each for each in row.replace("│", " ").split() if each.isdecimal()] == ["1", "1", "0", "0", "0"]
    assert "\x1b" not in out, "no terminal, no bar"
    assert amazon.yard.stream.sizes


def test_redrive_dry_sends_nothing(amazon: Amazon, run: Run) -> None:
    rejected(amazon)

    code, out, _ = run("redrive", "Analytics", "--dry-run", "--rate", "5")

    assert code == 0
    assert "to send" in out
    assert not amazon.yard.stream.sizes


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--reason", "bad_json"], 1),
        (["--reason", "too_late"], 0),
        (["--reason", "too_late", "--reason", "bad_json"], 1),
        (["--since", "2026-11-21T12:00"], 1),
        (["--since", "2026-11-21T12:00:01Z"], 0),
        (["--since", "2026-11-21T14:00+02:00"], 1),
        (["--until", "2026-11-21T12:00"], 0),
        (["--until", "2026-11-22"], 1),
    ],
)
def test_redrive_options(amazon: Amazon, run: Run, options: list[str], sent: int) -> None:
    rejected(amazon)

    run("redrive", "Analytics", *options)

    assert len(amazon.yard.stream.sizes) == sent


def test_what_is_left_makes_exit_code_1(amazon: Amazon, run: Run) -> None:
    amazon.yard.stream.shards[SHARDS[0]].put(deal("d" * 3000, NOW, "1"))
    amazon.yard.drain()

    code, out, _ = run("redrive", "Analytics")

    assert code == 1
    assert "s3://quarantine/rejected/" in out


def test_a_failing_call_says_that_the_command_can_be_run_again(amazon: Amazon, run: Run) -> None:
    rejected(amazon)
    amazon.yard.outside.decide = lambda name: Fault.THROTTLED if name == "PutRecords" else Fault.NONE

    code, _, err = run("redrive", "Analytics")

    assert code == 1
    assert "ThrottlingException" in err
    assert "run the command again" in err


def test_replay_shows_a_row_for_each_recipe_and_day(run: Run) -> None:
    since = datetime.now(UTC).date() - timedelta(days=9)

    code, out, err = run("replay", "Analytics", "--since", f"{since}", "--until", f"{since + timedelta(days=2)}")

    assert (code, err) == (0, "")
    assert f"orders {since}" in out
    assert f"orders {since + timedelta(days=1)}" in out


def test_replay_of_a_day_that_is_not_closed(run: Run) -> None:
    today = datetime.now(UTC).date()

    code, _, err = run("replay", "Analytics", "--since", f"{today}", "--until", f"{today + timedelta(days=1)}")

    assert code == 1
    assert "is not closed yet" in err


def test_replay_of_what_cannot_be_decoded_any_more(amazon: Amazon, run: Run) -> None:
    day = datetime.now(UTC).date() - timedelta(days=9)
    prefix = archive_prefix("orders", datetime(day.year, day.month, day.day, tzinfo=UTC))
    amazon.yard.s3.buckets["archive"][f"{prefix}x.jsonl.gz"] = gzip.compress(b"{}\n")

    code, out, _ = run("replay", "Analytics", "--since", f"{day}", "--until", f"{day + timedelta(days=1)}")

    assert code == 1
    assert "nothing was written" in " ".join(out.split())
    assert f"s3://archive/{prefix}x.jsonl.gz, line 1" in out


def test_a_stack_that_is_not_there(run: Run) -> None:
    code, _, err = run("redrive", "Analytic")

    assert code == 1
    assert "'Analytic'" in err
    assert "AWS_REGION" in err


def test_a_stack_of_another_kind(amazon: Amazon, run: Run) -> None:
    del amazon.outputs["FailureBucketName"]

    code, _, err = run("redrive", "Analytics")

    assert code == 1
    assert "FailureBucketName" in err


def test_a_function_of_another_version(amazon: Amazon, run: Run) -> None:
    del amazon.environment["LIMITS"]

    code, _, err = run("redrive", "Analytics")

    assert code == 1
    assert "LIMITS is not set" in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["restore"],
        ["redrive"],
        ["redrive", "Analytics", "--reason", "whim"],
        ["redrive", "Analytics", "--rate", "0"],
        ["redrive", "Analytics", "--rate", "nan"],
        ["redrive", "Analytics", "--since", "yesterday"],
        ["replay", "Analytics", "--since", "2026-11-20"],
        ["replay", "Analytics", "--since", "2026-11-20T01:00", "--until", "2026-11-21"],
        ["produce", "weather"],
        ["produce", "orders", "--rate", "-1"],
        ["produce", "orders", "--plain", "--packed"],
    ],
)
def test_what_is_not_understood_makes_exit_code_2(arguments: list[str], run: Run) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)

    assert ended.value.code == 2


def test_produce_prints_its_tally(run: Run, amazon: Amazon) -> None:
    where = "--stack", "Analytics"

    code, out, _ = run("produce", "orders", *where, "--rate", "20", "--seconds", "2", "--tally", "--plain")

    assert code == 0
    told = json.loads(out)
    counted = sum(item.get("count", 0) for item in told["items"])
    assert counted + sum(told["rejected"].values()) + sum(told["repeated"].values()) == 40
    assert len(amazon.yard.stream.sizes) == 40
