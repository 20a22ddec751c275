"""Messages that were given up go back to the queues that they came from; the Finish function gets its events again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.file_processing.contract.messages import INDEX_GROUP
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Killed
from tests.tools.etl_yard import FakeLambda, FakeSqs, Message
from tests.tools.test_redrive_log_analysis import record
from tools.__main__ import main

ACCOUNT = "123456789012"
WORK = json.dumps({"file_id": "0" * 32, "generation": "0A-1"})
ARRIVAL = json.dumps({"Records": [{"eventName": "ObjectCreated:Put"}]})
CHANGED = json.dumps({"file_id": "0" * 32})
ENDED = {"detail-type": "MediaConvert Job State Change", "detail": {"jobId": "1", "status": "COMPLETE"}}


class Queues(FakeSqs):
    """Some of them work queues, whose names are the ends of their URLs; what FIFO queues want is noted."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.queues = {name: [] for name in ("failures", "index-failures", "arrivals", "extract", "index.fifo")}
        self.fifo: list[dict[str, str]] = []

    def give_up(self, queue: str, source: str, *bodies: str) -> None:
        for body in bodies:
            arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{source}"
            self.queues[queue].append(Message(f"{source}-{len(self.queues[queue])}", body, source=arn))

    def get_queue_url(self, *, QueueName: str, QueueOwnerAWSAccountId: str) -> Any:  # noqa: N803
        assert QueueOwnerAWSAccountId == ACCOUNT
        return {"QueueUrl": QueueName}

    def send_message(self, *, QueueUrl: str, MessageBody: str, **fifo: str) -> Any:  # noqa: N803
        assert bool(fifo) == QueueUrl.endswith(".fifo")
        if fifo:
            self.fifo.append(fifo)
        return super().send_message(QueueUrl=QueueUrl, MessageBody=MessageBody)


class Amazon:
    """boto3.client, for a stack of file processing."""

    def __init__(self) -> None:
        self.outside = Outside()
        self.sqs = Queues(self.outside)
        self.finished: list[Any] = []
        self.functions = FakeLambda(self.outside, {"finish": self.finished.append})
        self.outputs = {
            "InboxBucketName": "inbox",
            "FailureQueueUrl": "failures",
            "IndexFailureQueueUrl": "index-failures",
            "SearchFunctionName": "search",
            "FinishFunctionName": "finish",
        }

    def __call__(self, service: str, **_: Any) -> Any:
        return {"sqs": self.sqs, "lambda": self.functions}.get(service, self)

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["redrive", "FileProcessing", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def numbers(out: str, reason: str) -> list[str]:
    row = next(line for line in out.splitlines() if reason in line)
    return [each for each in row.replace("│", " ").split() if each.isdecimal()]


def test_each_message_goes_back_to_the_queue_that_gave_it_up(amazon: Amazon, run: Run) -> None:
    amazon.sqs.give_up("failures", "arrivals", ARRIVAL)
    amazon.sqs.give_up("failures", "extract", WORK, WORK)

    code, out, err = run()

    assert (code, err) == (0, "")
    assert amazon.sqs.bodies("arrivals") == [ARRIVAL]
    assert amazon.sqs.bodies("extract") == [WORK, WORK]
    assert amazon.sqs.bodies("failures") == []
    assert numbers(out, "file_failed") == ["3", "3", "0", "0", "0"]


def test_changes_for_the_index_go_back_one_after_the_other_and_none_is_taken_for_another(
    amazon: Amazon, run: Run
) -> None:
    amazon.sqs.give_up("index-failures", "index.fifo", CHANGED, CHANGED)

    run()

    assert amazon.sqs.bodies("index.fifo") == [CHANGED, CHANGED]
    assert amazon.sqs.bodies("index-failures") == []
    assert [each["MessageGroupId"] for each in amazon.sqs.fifo] == [INDEX_GROUP] * 2
    assert len({each["MessageDeduplicationId"] for each in amazon.sqs.fifo}) == 2


@pytest.mark.parametrize("body", [record(ENDED), json.dumps(ENDED)], ids=["given up by Lambda", "never delivered"])
def test_events_of_media_convert_go_to_the_finish_function(amazon: Amazon, run: Run, body: str) -> None:
    amazon.sqs.put("failures", body)

    code, _, _ = run()

    assert (code, amazon.finished, amazon.sqs.bodies("failures")) == (0, [ENDED], [])


@pytest.mark.parametrize("body", [record(ENDED), json.dumps(ENDED)], ids=["given up by Lambda", "never delivered"])
def test_an_event_that_the_finish_function_fails_on_again_stays_and_the_error_is_told(
    amazon: Amazon, run: Run, body: str
) -> None:
    amazon.functions.functions["finish"] = {}.__getitem__
    amazon.sqs.put("failures", body)

    code, out, _ = run()

    assert code == 1
    assert [each.visible for each in amazon.sqs.queues["failures"]] == [True]
    assert "finish failed: TypeError" in out


def test_a_message_of_nobody_stays_and_is_told(amazon: Amazon, run: Run) -> None:
    amazon.sqs.put("failures", "hello")
    amazon.sqs.put("index-failures", CHANGED)

    code, out, _ = run()

    assert code == 1
    assert (amazon.sqs.bodies("failures"), amazon.sqs.bodies("index-failures")) == (["hello"], [CHANGED])
    assert "failures-0" in out
    assert "index-failures-0 does not tell which queue gave it up" in out


def test_a_stack_without_media_convert_has_no_function_for_its_events(amazon: Amazon, run: Run) -> None:
    del amazon.outputs["FinishFunctionName"]
    amazon.sqs.put("failures", json.dumps(ENDED))

    code, out, _ = run()

    assert (code, len(amazon.sqs.bodies("failures"))) == (1, 1)
    assert "came through no queue" in out


def test_a_run_that_is_killed_before_it_deletes_a_message_sends_it_again(amazon: Amazon, run: Run) -> None:
    amazon.sqs.give_up("failures", "extract", WORK)
    amazon.outside.decide = lambda name: Fault.KILL_BEFORE if name == "DeleteMessage" else Fault.NONE
    with pytest.raises(Killed):
        run()
    amazon.outside.decide = lambda _: Fault.NONE
    amazon.sqs.show_all()

    code, _, _ = run()

    assert code == 0
    assert amazon.sqs.bodies("extract") == [WORK, WORK]
    assert amazon.sqs.bodies("failures") == []


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--dry-run"], 0),
        (["--rate", "1000"], 1),
        (["--reason", "file_failed"], 1),
        (["--reason", "index_failed"], 0),
        (["--since", "2026-11-26"], 0),
        (["--until", "2026-11-26"], 1),
    ],
)
def test_redrive_options(amazon: Amazon, run: Run, options: list[str], sent: int) -> None:
    amazon.sqs.give_up("failures", "extract", WORK)

    run(*options)

    assert len(amazon.sqs.bodies("extract")) == sent
    assert all(message.visible for message in amazon.sqs.queues["failures"])


def test_a_reason_of_another_kind_of_stack_is_refused(run: Run) -> None:
    code, _, err = run("--reason", "delivery_failed")

    assert code == 1
    assert "'FileProcessing' has no reason delivery_failed, only file_failed, index_failed" in err
