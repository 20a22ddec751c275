"""How to reach the mail provider, from AWS Secrets Manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import msgspec
from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider, TransformParameterError

from lambdas.common.failures import UnavailableError
from lambdas.mobile_backend.contract import MailProvider

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

MAX_AGE_SECONDS = 300


@dataclass(frozen=True)
class MailSecret:
    """The secret of `MailProvider`, cached."""

    secrets: SecretsProvider
    arn: str

    @classmethod
    def read_by(cls, client: SecretsManagerClient, arn: str) -> Self:
        """The secret as this client reads it."""
        return cls(SecretsProvider(boto3_client=client), arn)

    def provider(self, *, anew: bool = False) -> MailProvider:
        """What the secret holds, at most five minutes old, or read just now.

        Raises:
            UnavailableError: the secret cannot be read, or was not filled in.
        """
        try:
            value = self.secrets.get(self.arn, max_age=MAX_AGE_SECONDS, transform="json", force_fetch=anew)
            return msgspec.convert(value, MailProvider)
        except GetParameterError as error:
            raise UnavailableError(f"read the secret {self.arn}: {error}") from error
        except (TransformParameterError, msgspec.ValidationError):
            if not anew:
                return self.provider(anew=True)  # it may have been filled in since it was cached
            # The errors' own words could hold a part of the secret.
            raise UnavailableError(
                f"the secret {self.arn} does not say how to reach the mail provider: put into it JSON with "
                f'"url", "api_key" and "sender", and nothing else'
            ) from None
