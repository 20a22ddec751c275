"""``backfill`` puts a table's export where the stack loads it, and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.common.exports import Shop, by_id, summaries
from tests.support.fake_aws import Fault, client_error
from tests.support.schedule import Killed
from tools.__main__ import main
from tools.backfill import Backfill, Summary

OUTPUTS = {"BackfillBucketName": "exports"}


class Amazon:
    """boto3.client, for a shop's table and a stack."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.outputs = dict(OUTPUTS)
        self.asked: list[dict[str, Any]] = []
        """Of Scan."""

    def __call__(self, service: str, **_: Any) -> Any:
        return {"dynamodb": self, "s3": self.shop.s3}.get(service, self)

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803  boto3's names
        if StackName != "TableEtl":
            raise client_error("DescribeStacks", "ValidationError")
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}

    def describe_table(self, *, TableName: str) -> Any:  # noqa: N803
        if TableName != "shop":
            raise client_error("DescribeTable", "ResourceNotFoundException")
        return self.shop.table.describe_table(TableName=TableName)

    def scan(self, **question: Any) -> Any:
        self.asked.append(question)
        return self.shop.table.scan(**question)


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon(Shop(items=30))
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["backfill", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def backfill(**options: Any) -> Summary:
    return Backfill(table="shop", stack_name="TableEtl", segments=2, **options).run()


def killed(amazon: Amazon) -> None:
    """A run that came as far as its first data file."""
    amazon.shop.outside.kill(9, Fault.KILL_AFTER)
    with pytest.raises(Killed):
        backfill()
    amazon.shop.outside.revive()


def test_the_items_go_into_the_stacks_bucket(amazon: Amazon, run: Run) -> None:
    code, out, err = run("shop")

    assert (code, err) == (0, "")
    assert by_id(amazon.shop.lines()) == by_id(amazon.shop.table.items)
    [summary] = summaries(amazon.shop.objects)
    root = summary["manifestFilesS3Key"].removesuffix("manifest-files.json")
    assert f"30 items in s3://exports/{root}" in out
    assert "loads them now" in out


def test_a_run_that_was_killed_is_continued(amazon: Amazon, run: Run) -> None:
    killed(amazon)

    code, out, _ = run("shop")

    assert code == 0
    assert "had begun before" in out
    assert by_id(amazon.shop.lines()) == by_id(amazon.shop.table.items)
    assert len({key.split("/")[1] for key in amazon.shop.objects}) == 1


def test_fresh_begins_anew(amazon: Amazon, run: Run) -> None:
    killed(amazon)

    code, out, _ = run("shop", "--fresh")

    assert code == 0
    assert "had begun before" not in out
    assert by_id(amazon.shop.lines()) == by_id(amazon.shop.table.items)


def test_interrupted_it_says_how_to_go_on(amazon: Amazon, run: Run) -> None:
    def interrupt(name: str) -> Fault:
        if name == "Scan":
            raise KeyboardInterrupt
        return Fault.NONE

    amazon.shop.outside.decide = interrupt

    code, _, err = run("shop")

    assert code == 1
    assert "goes on from there" in err
    amazon.shop.outside.revive()
    assert run("shop")[0] == 0


def test_a_failing_call_says_that_the_command_can_be_run_again(amazon: Amazon, run: Run) -> None:
    amazon.shop.outside.decide = lambda name: Fault.THROTTLED if name == "PutObject" else Fault.NONE

    code, _, err = run("shop")

    assert code == 1
    assert "ThrottlingException" in err
    assert "run the command again" in err


def test_progress_goes_to_the_number_of_items_though_the_estimate_is_stale(amazon: Amazon) -> None:  # noqa: ARG001
    told: list[tuple[str, int, int]] = []

    backfill(tell=lambda *what: told.append(what))

    assert told[-1] == ("items", 30, 30)
    assert all(done <= of for _, done, of in told)


def test_segments_and_rate_reach_the_scan(amazon: Amazon, run: Run) -> None:
    run("shop", "--segments", "3", "--rate", "30")

    first = amazon.asked[0]
    assert (first["TotalSegments"], first["Limit"]) == (3, 10), "each segment has a third of the rate"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["shelf"], ["'shelf'", "AWS_REGION"]),
        (["shop", "--stack", "Etl"], ["'Etl'", "AWS_REGION"]),
    ],
)
def test_a_table_or_a_stack_that_is_not_there(run: Run, arguments: list[str], told: list[str]) -> None:
    code, _, err = run(*arguments)

    assert code == 1
    assert all(each in err for each in told)


def test_a_stack_of_another_kind(amazon: Amazon, run: Run) -> None:
    amazon.outputs = {"EventsStreamName": "events"}

    code, _, err = run("shop")

    assert code == 1
    assert "BackfillBucketName" in err


def test_an_export_that_cannot_be_continued_says_to_begin_anew(amazon: Amazon, run: Run) -> None:
    amazon.shop.objects[amazon.shop.exporter().begin().place.progress] = b"{"

    code, _, err = run("shop")

    assert code == 1
    assert "--fresh" in err
    assert run("shop", "--fresh")[0] == 0


@pytest.mark.parametrize("arguments", [[], ["shop", "--rate", "0"], ["shop", "--segments", "0"]])
def test_what_is_not_understood_makes_exit_code_2(run: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)

    assert ended.value.code == 2
