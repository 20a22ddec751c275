"""What users of log analysis decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from lambdas.log_analysis.contract import Detection, Limits, Retention
from stacks.blocks.fields import check_fields
from stacks.blocks.function import FunctionConfig
from stacks.blocks.queue import LONGEST_DAYS

LogGroupName = Annotated[str, msgspec.Meta(pattern=r"\A[\w./#-]{1,512}\Z")]
"""As CloudWatch Logs has them ("CreateLogGroup", its API Reference)."""
FilterPattern = Annotated[str, msgspec.Meta(max_length=1024)]


class LogGroupSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A log group that is there already; one that your app makes is handed to ``LogAnalysis.subscribe``."""

    name: LogGroupName
    pattern: FilterPattern = ""
    """Of CloudWatch Logs: ``?ERROR ?Exception`` brings lines with one of the words. Empty brings all of them, which
    access logs need, and stack traces that are written line by line."""


@dataclass(frozen=True, kw_only=True)
class LogAnalysisConfig:
    """What users of log analysis decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    subscriptions: tuple[LogGroupSubscription, ...] = ()
    any_log_group: bool = False
    """Let CloudWatch Logs bring the lines of any log group of this account and region, by one permission, instead of
    one for each that is subscribed here, of which there is room for 30. Then people can subscribe the function to other
    log groups by hand, to its own one as well, which it undoes and tells."""
    detection: Detection = Detection()
    limits: Limits = Limits()
    retention: Retention = Retention(seen_days=LONGEST_DAYS + 1)
    """What is counted is known for longer than the failure queue keeps a delivery, so that none counts twice, whenever
    it is redriven."""
    delivery_alarm: bool = True
    """An alarm of lines that CloudWatch Logs could not bring; it asks about all filters together, by a query."""
    demo_log_groups: Annotated[int, msgspec.Meta(ge=0, le=10)] = 0
    """Log groups that the stack makes and subscribes, for somebody to put sample lines into."""
    analyze_function: FunctionConfig = FunctionConfig()

    def __post_init__(self) -> None:
        check_fields(self)
        detection = self.detection
        if detection.min_baseline_minutes > detection.baseline_minutes:
            raise ValueError(
                f"detection.min_baseline_minutes of {detection.min_baseline_minutes} would never be there: a minute is "
                f"compared with the {detection.baseline_minutes} of detection.baseline_minutes, so set at most as many"
            )
        if self.retention.seen_days <= LONGEST_DAYS:
            raise ValueError(
                f"retention.seen_days of {self.retention.seen_days} would let a delivery count twice that is redriven "
                f"later than that: the failure queue keeps it for {LONGEST_DAYS} days, so set at least "
                f"{LONGEST_DAYS + 1}"
            )
        names = [each.name for each in self.subscriptions]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"subscriptions name {', '.join(twice)} more than once: lines that both match would come twice, "
                f"so join the patterns in one"
            )
