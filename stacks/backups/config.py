"""What users of backups decide."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.backups.contract import MARGIN_SECONDS, Cadence, Lock, Policy, Retention
from stacks.blocks.fields import check_fields
from stacks.blocks.function import FunctionConfig

_PERIOD_HOURS = {"hour": 1, "day": 24, "week": 7 * 24}

DAILY = Policy(name="daily", cadence=Cadence(every="day", at="03:00"), max_age_hours=30)
WEEKLY = Policy(
    name="weekly",
    cadence=Cadence(every="week", on="SUN", at="04:00"),
    retention=Retention(daily=0, weekly=5),
    max_age_hours=7 * 24 + 6,
)


@dataclass(frozen=True, kw_only=True)
class BackupsConfig:
    """What users of backups decide; every field has the default that suits most.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    policies: tuple[Policy, ...] = (DAILY, WEEKLY)
    """A resource with the tag ``backup`` is backed up as the policy says whose name is the tag's value."""
    check: Cadence = Cadence(every="week", on="MON", at="08:00")
    """When every table's newest backup is restored and compared."""
    point_in_time: bool = True
    """Let DynamoDB export and restore tables as of one second, which they need point-in-time recovery for. Off where it
    is emulated: a table is scanned, and its on-demand backup restored, which equal each other if nobody writes."""
    lock: Lock | None = None
    """For how long nobody may delete what is in the vault. Taking it away, or fewer days, changes no lock that there
    is."""
    backup_function: FunctionConfig = FunctionConfig(timeout_seconds=900)
    restore_check_function: FunctionConfig = FunctionConfig(timeout_seconds=900)
    """Both go on with work for as long as they may run, and leave the rest to the next minute."""

    def __post_init__(self) -> None:
        check_fields(self)
        names = [each.name for each in self.policies]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"policies have names of their own, and there is at least one; got {names}")
        for each in self.policies:
            period = _PERIOD_HOURS[each.cadence.every]
            if each.max_age_hours <= period:
                raise ValueError(
                    f"policies: max_age_hours of {each.max_age_hours} would raise an alarm while the next backup of "
                    f"{each.name} is being made, every {each.cadence.every}: set more than {period}"
                )
        for name in ("backup_function", "restore_check_function"):
            timeout = getattr(self, name).timeout_seconds
            if timeout < 2 * MARGIN_SECONDS:
                raise ValueError(
                    f"{name}.timeout_seconds of {timeout} would leave no time to begin a step in: set at least "
                    f"{2 * MARGIN_SECONDS}"
                )
