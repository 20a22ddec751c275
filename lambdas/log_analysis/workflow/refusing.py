"""Takes away a subscription by which the function would analyze its own log lines, and write more of them."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.log_analysis.contract import LOOP, Kind, day_of
from lambdas.log_analysis.domain.payload import Delivery
from lambdas.log_analysis.domain.signatures import Sighting, Signature, sighted
from lambdas.log_analysis.ports import Signatures, Stored, Subscriptions
from lambdas.log_analysis.workflow.telling import Telling

QUIET_MINUTES = 60
"""In which more deliveries belong to the subscription that was told of."""


@dataclass(frozen=True)
class Refusing:
    """Refuses deliveries of the function's own log group."""

    signatures: Signatures
    subscriptions: Subscriptions
    telling: Telling

    def refuse(self, delivery: Delivery) -> None:
        """Deletes the subscription filters that the delivery came by, and tells people once.

        Either is done even if the other fails: a loop that nobody can be told of has to end as well.
        """
        try:
            for name in delivery.subscription_filters:
                self.subscriptions.remove(delivery.log_group, name)
        finally:
            self._tell(delivery)

    def _tell(self, delivery: Delivery) -> None:
        log_group, names = delivery.log_group, ", ".join(delivery.subscription_filters)
        minute = int(self.telling.now()) // 60
        sighting = Sighting(
            kind=Kind.LOOP,
            minute=minute,
            count=len(delivery.log_events),
            sample=f"The subscription filter {names} is deleted: each line about it would have been analyzed, too.",
        )
        none = Signature(
            id=LOOP,
            template="(the function's own log group was subscribed)",
            level="ERROR",
            first=minute,
            registered=minute,
            last_day=day_of(minute),
            sample="",
            latest="",
        )
        stored = self.signatures.some(log_group, {LOOP}).get(LOOP, Stored(none, 0))
        self.telling.tell(log_group, stored, lambda signature: sighted(signature, sighting, QUIET_MINUTES))
