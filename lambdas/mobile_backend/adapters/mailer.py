"""Mails, by whoever offers to send them over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError

from lambdas.common.failures import UnavailableError
from lambdas.mobile_backend.adapters.secrets import MailSecret
from lambdas.mobile_backend.contract import Mail, MailProvider
from lambdas.mobile_backend.domain.mails import Letter
from lambdas.mobile_backend.ports import MailRefusedError

TIMEOUT = Timeout(connect=2, read=5)
_KEY_REFUSED = {401, 403}
_LATER = {408, 409, 429}
"""409: the same key is being worked on ("The Idempotency-Key HTTP Header Field", IETF draft)."""


@dataclass(frozen=True)
class HttpMailer:
    """The `Mailer` by HTTP: POST of a `Mail` with a bearer token."""

    secret: MailSecret
    http: PoolManager = field(default_factory=PoolManager)

    def send(self, to: str, letter: Letter, key: str) -> None:
        """Sends a letter. A key of the provider that was changed is read anew.

        Raises:
            UnavailableError: no answer, 408, 409, 429, 500 or above, or the provider refuses its key.
            MailRefusedError: any other answer but success.
        """
        answer = self._post(self.secret.provider(), to, letter, key)
        if answer.status in _KEY_REFUSED:
            answer = self._post(self.secret.provider(anew=True), to, letter, key)
        if 200 <= answer.status < 300:
            return
        if answer.status in _KEY_REFUSED:
            raise UnavailableError(
                f"the mail provider answers {answer.status}: put a valid api_key into the secret {self.secret.arn}"
            )
        said = f"the mail provider answers {answer.status}: {answer.data[:200]!r}"
        if answer.status in _LATER or answer.status >= 500:
            raise UnavailableError(said)
        raise MailRefusedError(said)

    def _post(self, provider: MailProvider, to: str, letter: Letter, key: str) -> BaseHTTPResponse:
        mail = Mail(sender=provider.sender, to=to, subject=letter.subject, text=letter.text)
        headers = {
            "Authorization": f"Bearer {provider.api_key}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            # Wherever a redirect leads, the key is not meant for it.
            return self.http.request(
                "POST", provider.url, body=msgspec.json.encode(mail), headers=headers, timeout=TIMEOUT, retries=False
            )
        except HTTPError as error:
            raise UnavailableError(f"the mail provider does not answer: {error}") from error
