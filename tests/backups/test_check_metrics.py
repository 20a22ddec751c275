"""What alarms see of a check, and when."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from lambdas.backups import restore_check
from lambdas.backups.contract import Cadence, RestoreCheckSettings
from lambdas.backups.contract.records import Check, CheckResult
from lambdas.common.observability import Observability
from tests.backups.check_world import SLOT, CheckWorld, rows

SETTINGS = RestoreCheckSettings(
    service="RestoreCheck",
    metrics_namespace="Test",
    status_table_name="status",
    vault_bucket_name="vault",
    reports_topic_arn="reports",
    cadence=Cadence(every="week"),
    restore_from="point_in_time",
    lease_seconds=960,
)


def check(result: CheckResult) -> Check:
    backup = CheckWorld().back_up("orders", rows(1))
    return Check(
        slot="20261122T0300Z",
        backup=backup,
        scratch_table="restore-check-1",
        begun=SLOT,
        result=result,
        restore_seconds=timedelta(minutes=4).total_seconds(),
    )


@pytest.mark.parametrize(
    ("result", "counts"),
    [
        (CheckResult.EQUAL, {"RestoresEqual": [1.0], "RestoresDifferent": [0.0], "RestoreChecksFailed": [0.0]}),
        (CheckResult.DIFFERENT, {"RestoresEqual": [0.0], "RestoresDifferent": [1.0], "RestoreChecksFailed": [0.0]}),
        (CheckResult.FAILED, {"RestoresEqual": [0.0], "RestoresDifferent": [0.0], "RestoreChecksFailed": [1.0]}),
    ],
)
def test_a_result_is_written_as_metrics_before_the_check_is_done(
    result: CheckResult, counts: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    restore_check.tell(Observability(SETTINGS), check(result))

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [metrics] = [line for line in written if "_aws" in line]
    assert {name: metrics[name] for name in counts} == counts
    assert metrics["RestoreTime"] == [240_000.0]
