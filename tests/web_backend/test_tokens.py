"""Who gets in: forged, foreign and stale tokens meet the gateway of the deployed API, which refuses them all.

Each is right but for one thing, signature included: the emulator keeps the user pool's keys where tests can read them.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from lambdas.common.http.routes import allowed_methods
from lambdas.web_backend.contract.routes import ROUTES
from local.cloud import Cloud
from local.environment import Workplace
from local.use_cases.clients import Client
from local.use_cases.people import signed_up

pytestmark = pytest.mark.xdist_group("laptop cloud")

EXAMPLES = {
    "{item_id}": "01931f7e-7c1b-7c3a-9d5e-2f6b8a4c0d1e",
    "{image_id}": "01931f7e-7c1b-7c3a-9d5e-2f6b8a4c0d1e",
    "{order_id}": "01931f7e-7c1b-7c3a-9d5e-2f6b8a4c0d1e",
    "{metric}": "orders.revenue",
}
PUBLIC = {key for route in ROUTES if route.scopes is None for key in route.keys}
GUARDED = {key for route in ROUTES for key in route.keys} - PUBLIC
OTHER_METHODS = {f"PATCH {path}" for path in allowed_methods(tuple(each for each in ROUTES if each.scopes is not None))}
"""They reach the function, too, which names those that there are."""


@dataclass(frozen=True)
class Tokens:
    """What the user pool gave to somebody, and what it takes to give them something else."""

    access: str
    identity: str
    key: RSAKey
    """The one that the pool signs access tokens with."""

    @property
    def header(self) -> dict[str, Any]:
        return _part(self.access, 0)

    @property
    def claims(self) -> dict[str, Any]:
        return _part(self.access, 1)

    def signed(self, **claims: Any) -> str:
        """The access token with other claims, signed as the pool does; None leaves a claim away."""
        changed = {name: value for name, value in (self.claims | claims).items() if value is not None}
        return jwt.encode(self.header, changed, self.key)


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".")[number]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _encoded(part: dict[str, Any]) -> str:
    return _in_base64(json.dumps(part).encode())


def _in_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _with_header(tokens: Tokens, **header: str) -> str:
    """The pool's key, under another header."""
    return jwt.encode(tokens.header | header, tokens.claims, tokens.key)


def _unsigned(tokens: Tokens) -> str:
    return f"{_encoded(tokens.header | {'alg': 'none'})}.{_encoded(tokens.claims)}."


def _tampered(tokens: Tokens) -> str:
    head, _, signature = tokens.access.split(".")
    return f"{head}.{_encoded(tokens.claims | {'sub': 'somebody-else'})}.{signature}"


def _signed_with_public_key(tokens: Tokens) -> str:
    """HMAC takes any bytes for a key, so also those that everybody knows."""
    signed = f"{_encoded(tokens.header | {'alg': 'HS256'})}.{_encoded(tokens.claims)}"
    digest = hmac.digest(tokens.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{_in_base64(digest)}"


REFUSED: dict[str, Callable[[Tokens], str]] = {
    "no token": lambda _: "",
    "garbage": lambda _: "garbage",
    "three parts of garbage": lambda _: "a.b.c",
    "not JSON": lambda tokens: f"{tokens.access.split('.')[0]}.bm90IEpTT04.{tokens.access.split('.')[2]}",
    "expired": lambda tokens: tokens.signed(exp=int(time.time()) - 1),
    "not yet valid": lambda tokens: tokens.signed(nbf=int(time.time()) + 3600),
    "of another audience": lambda tokens: tokens.signed(client_id="another-client"),
    "of no audience": lambda tokens: tokens.signed(client_id=None),
    "of another issuer": lambda tokens: tokens.signed(iss=f"{tokens.claims['iss']}x"),
    "without the scope": lambda tokens: tokens.signed(scope="openid"),
    "without any scope": lambda tokens: tokens.signed(scope=None),
    "identity token": lambda tokens: tokens.identity,
    "signed with another key": lambda tokens: jwt.encode(tokens.header, tokens.claims, RSAKey.generate_key(2048)),
    "of an unknown key": lambda tokens: _with_header(tokens, kid="unknown"),
    "unsigned": _unsigned,
    "signed with the public key": _signed_with_public_key,
    "claims changed under the signature": _tampered,
}


@pytest.fixture(scope="module")
def tokens(laptop_cloud: Cloud) -> Tokens:
    found, cognito = laptop_cloud.outputs["WebBackend"], laptop_cloud.client("cognito-idp")
    client_id = found["UserPoolClientId"]
    person = signed_up(cognito, client_id, f"tokens-{time.time_ns()}@example.com")
    given = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": person.email, "PASSWORD": person.password},
    )["AuthenticationResult"]
    scratch = Workplace(urlsplit(laptop_cloud.endpoint).port or 0).scratch
    pem = scratch / "state" / "cognito-pool-keys" / f"{found['UserPoolId']}-access.pem"
    return Tokens(given["AccessToken"], given["IdToken"], RSAKey.import_key(pem.read_bytes()))


@pytest.fixture(scope="module")
def client(laptop_cloud: Cloud) -> Client:
    url = urlsplit(laptop_cloud.outputs["WebBackend"]["ApiUrl"])
    return Client(address=url.netloc, base=url.path)


def status(client: Client, route_key: str, token: str) -> int:
    method, _, path = route_key.partition(" ")
    for name, value in EXAMPLES.items():
        path = path.replace(name, value)
    return client.send(method, path, headers={"authorization": f"Bearer {token}"} if token else {}).status


@pytest.mark.parametrize("forge", REFUSED.values(), ids=REFUSED)
def test_a_token_that_does_not_hold_opens_nothing(
    client: Client, tokens: Tokens, forge: Callable[[Tokens], str]
) -> None:
    token = forge(tokens)
    answered = {key: status(client, key, token) for key in sorted(GUARDED | OTHER_METHODS)}
    assert {key: found for key, found in answered.items() if found not in {401, 403}} == {}


def test_a_token_of_the_pool_opens_everything(client: Client, tokens: Tokens) -> None:
    answered = {key: status(client, key, tokens.access) for key in sorted(GUARDED)}
    assert {key: found for key, found in answered.items() if found in {401, 403} or found >= 500} == {}


def test_what_is_signed_as_the_pool_does_opens_everything_too(client: Client, tokens: Tokens) -> None:
    assert status(client, "GET /items", tokens.signed()) == 200


@pytest.mark.parametrize("route_key", sorted(PUBLIC))
def test_public_is_public(client: Client, route_key: str) -> None:
    assert status(client, route_key, "") == 200
