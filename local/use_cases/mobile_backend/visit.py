"""The deployed stack as apps meet it: an API that asks for a key, and two people with one app."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.use_cases.clients import Client
from local.use_cases.people import Person, signed_in, signed_up

if TYPE_CHECKING:
    from local.cloud import Cloud

STACK = "MobileBackend"
API_KEY = "x-api-key"
SENDER = "parcels@example.com"
"""Of all mails."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who visits, and what."""

    outputs: dict[str, str]
    directory: Path
    cognito: Any
    sqs: Any
    sns: Any
    secrets: Any
    logs: Any
    functions: Any
    ann: Person
    bob: Person
    app: Client
    """With the app's API key; nobody is signed in."""

    @classmethod
    def of(cls, cloud: Cloud, directory: Path) -> Visit:
        """Two people sign up, and in."""
        outputs = cloud.outputs[STACK]
        cognito = cloud.client("cognito-idp")
        ann, bob = (
            signed_up(cognito, outputs["UserPoolClientId"], f"{name}@app.example.com") for name in ("ann", "bob")
        )
        for each in (ann, bob):
            # Cognito does so by itself once the code is right, the emulator does not.
            cognito.admin_update_user_attributes(
                UserPoolId=outputs["UserPoolId"],
                Username=each.email,
                UserAttributes=[{"Name": "email_verified", "Value": "true"}],
            )
        key = cloud.client("apigateway").get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)["value"]
        return cls(
            outputs=outputs,
            directory=directory,
            cognito=cognito,
            sqs=cloud.client("sqs"),
            sns=cloud.client("sns"),
            secrets=cloud.client("secretsmanager"),
            logs=cloud.client("logs"),
            functions=cloud.client("lambda"),
            ann=ann,
            bob=bob,
            app=Client(
                address=urlsplit(cloud.endpoint).netloc, base=api_path(outputs["RestApiUrl"]), headers={API_KEY: key}
            ),
        )

    def app_of(self, person: Person) -> Client:
        """The app on somebody's phone, signed in."""
        return replace(self.app, headers={**self.app.headers, **person.authorization})

    def again(self, person: Person) -> Person:
        """Somebody signed in anew."""
        return signed_in(self.cognito, self.outputs["UserPoolClientId"], person.email, person.password)


def api_path(url: str) -> str:
    """Where the laptop cloud has the API of a URL, whatever the resolver knows of its name."""
    parts = urlsplit(url)
    return f"/_aws/execute-api/{(parts.hostname or '').partition('.')[0]}{parts.path.rstrip('/')}"
