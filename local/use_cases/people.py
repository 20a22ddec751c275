"""People who sign up with Amazon Cognito and in, as a page or an application does it for them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

CODE = "123456"
"""That the emulator takes instead of one that is mailed."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is signed in."""

    email: str
    password: str
    user_id: str
    access_token: str

    @property
    def authorization(self) -> dict[str, str]:
        """Header of their requests."""
        return {"authorization": f"Bearer {self.access_token}"}


def signed_up(cognito: CognitoIdentityProviderClient, client_id: str, email: str) -> Person:
    """Somebody new, with a password that nobody else has."""
    password = f"Aa1!{secrets.token_hex(12)}"
    cognito.sign_up(
        ClientId=client_id, Username=email, Password=password, UserAttributes=[{"Name": "email", "Value": email}]
    )
    cognito.confirm_sign_up(ClientId=client_id, Username=email, ConfirmationCode=CODE)
    return signed_in(cognito, client_id, email, password)


def signed_in(cognito: CognitoIdentityProviderClient, client_id: str, email: str, password: str) -> Person:
    """Somebody with tokens that say what is so now, such as groups."""
    tokens = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )["AuthenticationResult"]
    attributes = cognito.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    return Person(
        email=email,
        password=password,
        user_id=next(each["Value"] for each in attributes if each["Name"] == "sub"),
        access_token=tokens["AccessToken"],
    )
