"""From the notifications of one recipient to one mail.

What was mailed is remembered after it was sent: killed in between, a user may be told twice, but never not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.domain.mails import letter, letter_key
from lambdas.mobile_backend.ports import Directory, Mailed, Mailer


class Outcome(Enum):
    """What became of the notifications."""

    MAILED = "mailed"
    KNOWN = "known"
    NO_ADDRESS = "no address"


@dataclass(frozen=True)
class Postman:
    """The steps over their ports."""

    directory: Directory
    mailed: Mailed
    mailer: Mailer
    now: Callable[[], datetime]

    def mail(self, messages: Sequence[Message]) -> Outcome:
        """Mails what one recipient was not told of yet.

        Raises:
            MailRefusedError: the provider will never take this mail.
        """
        recipient = messages[0].recipient
        by_id = {message.notification_id: message for message in messages}
        known = self.mailed.among(recipient, list(by_id))
        fresh = [message for each, message in by_id.items() if each not in known]
        if not fresh:
            return Outcome.KNOWN
        address = self.directory.address(recipient)
        if address is None:
            return Outcome.NO_ADDRESS
        self.mailer.send(address, letter(fresh), letter_key(fresh))
        self.mailed.remember(recipient, [message.notification_id for message in fresh], self.now())
        return Outcome.MAILED
