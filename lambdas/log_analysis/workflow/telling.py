"""Tells people of a signature's episodes, once each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lambdas.common.failures import UnavailableError
from lambdas.common.ids import new_token
from lambdas.log_analysis.domain.alerts import alert
from lambdas.log_analysis.domain.signatures import Episode, Signature, claimed, told
from lambdas.log_analysis.ports import Alerts, ConflictError, Signatures, Stored

PATIENCE = 8
"""How often a signature is read again because others wrote it in between, before the rest is left to a retry."""

Change = Callable[[Signature], Signature]


@dataclass(frozen=True)
class Telling:
    """Changes signatures, and publishes what of them has to be told.

    An episode is claimed, told, and marked. An invocation that is killed before it tells is repeated when its claim has
    run out; one that is killed before it marks tells twice, and so does one whose answer from SNS is lost.
    """

    signatures: Signatures
    alerts: Alerts
    now: Callable[[], float]
    """Unix time."""

    def tell(self, log_group: str, stored: Stored, change: Change) -> int:
        """Changes a signature and tells of its episodes; how many alerts that were.

        Raises:
            UnavailableError: a call failed, or others write this signature all the time.
        """
        mine: tuple[Episode, ...] = ()
        owner = new_token()

        def claim(signature: Signature) -> Signature:
            nonlocal mine
            signature, mine = claimed(change(signature), owner, self.now())
            return signature

        stored = self._write(log_group, stored, claim)
        for episode in mine:
            self.alerts.publish(alert(log_group, stored.signature, episode))
            stored = self._write(log_group, stored, partial(told, episode=episode, now=self.now()))
        return len(mine)

    def _write(self, log_group: str, stored: Stored, change: Change) -> Stored:
        """Writes a signature as a change makes it of what is there."""
        for _ in range(PATIENCE):
            changed = change(stored.signature)
            if changed == stored.signature:
                return stored
            try:
                return self.signatures.save(log_group, stored, changed)
            except ConflictError:
                found = self.signatures.some(log_group, {stored.signature.id})
                stored = found.get(stored.signature.id, Stored(stored.signature, 0))
        raise UnavailableError(f"others kept writing signature {stored.signature.id} of {log_group}")
