"""Users, by Amazon Cognito."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


@dataclass(frozen=True)
class CognitoDirectory:
    """The `Directory` in a user pool."""

    client: CognitoIdentityProviderClient
    user_pool_id: str

    def address(self, user_id: str) -> str | None:
        """The user's address, if it is verified; Cognito takes the subject of a token for a user name."""
        with aws_call("look up an e-mail address"):
            try:
                user = self.client.admin_get_user(UserPoolId=self.user_pool_id, Username=user_id)
            except ClientError as error:
                if has_code(error, {"UserNotFoundException"}):
                    return None
                raise
        attributes = {each["Name"]: each.get("Value") for each in user["UserAttributes"]}
        return attributes.get("email") if attributes.get("email_verified") == "true" else None
