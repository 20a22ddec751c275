"""The website in a real browser, served by the laptop cloud as CloudFront serves it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from local.use_cases.clients import Client
from local.use_cases.people import Person, signed_up
from local.use_cases.web_backend.browser import MISSING, chromium
from tests.web_backend.browser.visitor import Site, Visitor

if TYPE_CHECKING:
    from local.cloud import Cloud


# Without a sandbox, which containers and the root user do not have: it visits this website alone. With one process for
# all of its pages, since to start one takes longer than most tests.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--renderer-process-limit=1"]


# For this package alone: while Playwright is up, its thread has an event loop, which others there could not bear.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium of this computer, headless."""
    program = chromium()
    if program is None:
        if "CI" in os.environ:
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(laptop_cloud: Cloud) -> Site:
    """Where the website is."""
    return Site(laptop_cloud, laptop_cloud.outputs["WebBackend"])


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Somebody new in front of the website; at the end nothing may have gone wrong but what the test expects."""
    # Without motion nothing is looked at halfway.
    context = browser.new_context(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    visitor = Visitor(context.new_page(), site)
    yield visitor
    context.close()
    assert visitor.complaints == []
    assert visitor.refused == visitor.expected


@pytest.fixture
def ann(site: Site) -> Person:
    """Somebody with an account."""
    return signed_up(site.cognito, site.outputs["UserPoolClientId"], site.new_email())


@pytest.fixture
def api(site: Site, ann: Person) -> Client:
    """The API as another device of hers uses it."""
    base = urlsplit(site.outputs["ApiUrl"]).path
    return Client(address=urlsplit(site.cloud.endpoint).netloc, base=base, headers=ann.authorization)


@pytest.fixture
def inside(visitor: Visitor, ann: Person) -> Visitor:
    """Ann, signed in, in her gallery, which has been loaded: requests from here on are the test's."""
    visitor.open("/")
    visitor.sign_in(ann)
    visitor.is_told("Nothing here yet.")
    return visitor
