"""Somebody in front of the website, and what their browser complains of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

from local.use_cases.people import Person

if TYPE_CHECKING:
    from local.cloud import Cloud

PATIENCE = 15_000
"""Milliseconds: functions may have to start first."""
_TOLD_ELSEWHERE = "Failed to load resource"


@dataclass(frozen=True)
class Site:
    """The deployed website; ``outputs`` are its stack's."""

    cloud: Cloud
    outputs: Mapping[str, str]

    @cached_property
    def cognito(self) -> Any:
        return self.cloud.client("cognito-idp")

    def new_email(self) -> str:
        """Nobody else's."""
        return f"visitor-{secrets.token_hex(4)}@example.com"


@dataclass
class Visitor:
    """A page of a browser."""

    page: Page
    site: Site
    expected: list[str] = field(default_factory=list)
    """Requests that are to be refused, with their statuses: ``422 POST /api/items``."""
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Of the browser's console, breaches of the content security policy among them."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._note)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_TOLD_ELSEWHERE):
            self.complaints.append(message.text)

    def _note(self, response: Response) -> None:
        if response.status >= 400:
            path = response.url.split("/", 3)[3]
            self.refused.append(f"{response.status} {response.request.method} /{path}")

    # --- what people do ---------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self.page.goto(self.site.outputs["WebsiteUrl"] + path)

    def fill(self, **fields: str) -> None:
        """Types into fields by their labels, with ``_`` for a dash."""
        for label, text in fields.items():
            self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label.replace("_", "-"), exact=True)

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def follow(self, link: str) -> None:
        self.page.get_by_role("link", name=link).click()

    def sign_in(self, person: Person) -> None:
        self.fill(E_mail=person.email, Password=person.password)
        self.press("Sign in")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    # --- what they see ----------------------------------------------------------------------------------------------

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def is_told(self, text: str) -> None:
        expect(self.page.get_by_text(text)).to_be_visible()

    def fault_of(self, label: str) -> Locator:
        """What the field is described by while something is wrong with it."""
        field = self.field(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        described = (field.get_attribute("aria-describedby") or "").split()
        return self.page.locator(f"#{described[-1]}")
