"""How old the newest good backups are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lambdas.backups.contract.records import Discovered, Newest
from lambdas.backups.domain.slots import parsed

_HOUR = 3600


def oldest(discovered: Discovered, resources: Sequence[Newest], now: datetime) -> float:
    """Hours, of the resource of a policy whose newest good backup is the oldest.

    A resource without one is as old as it is known. A policy is at least as old as its newest run that looked for
    resources, so that it grows old, too, where there are none.
    """
    watched = [each for each in resources if each.policy == discovered.policy and each.seen >= discovered.slot]
    moments = [parsed(discovered.slot), *(_moment(each) for each in watched)]
    return (now - min(moments)).total_seconds() / _HOUR


def _moment(resource: Newest) -> datetime:
    return resource.backup.instant if resource.backup else resource.found
