"""The website's page for those who release, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from lambdas.iot_backend.contract import RELEASERS
from lambdas.iot_backend.contract.releases import AlarmState
from local.use_cases.clients import Client
from local.use_cases.people import Person, signed_in
from tests.iot_backend.browser.target import Target
from tests.web_backend.browser.conftest import ann, api, browser, inside, site, visitor
from tests.web_backend.browser.visitor import Site, Visitor

if TYPE_CHECKING:
    from local.cloud import Cloud

# Fixtures are found by their names here.
__all__ = ["ann", "api", "browser", "inside", "site", "visitor"]


@pytest.fixture
def releaser(site: Site, ann: Person) -> Person:
    """Ann, who may release."""
    site.cognito.admin_add_user_to_group(UserPoolId=site.outputs["UserPoolId"], Username=ann.email, GroupName=RELEASERS)
    return signed_in(site.cognito, site.outputs["UserPoolClientId"], ann.email, ann.password)


@pytest.fixture
def remote(site: Site, releaser: Person) -> Client:
    """The API as another device of hers uses it."""
    base = urlsplit(site.outputs["ApiUrl"]).path
    return Client(address=urlsplit(site.cloud.endpoint).netloc, base=base, headers=releaser.authorization)


@pytest.fixture
def target(laptop_cloud: Cloud, remote: Client) -> Iterator[Target]:
    """What is released; its alarm is off, and no release is under way."""
    target = Target(laptop_cloud, laptop_cloud.outputs["IotBackend"], remote)
    target.set_alarm(AlarmState.OK)
    yield target
    target.set_alarm(AlarmState.OK)
    target.end_canary()


@pytest.fixture
def desk(visitor: Visitor, releaser: Person) -> Visitor:
    """Somebody who may release, in front of the page for it."""
    visitor.open("/releases")
    visitor.sign_in(releaser)
    visitor.sees("Releases")
    return visitor
