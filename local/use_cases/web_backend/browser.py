"""The page in a real browser, signed in by its own form; skipped where Chromium is not installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.outcome import Figure
from local.use_cases.web_backend.visit import Visit

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 15_000
"""Milliseconds for a page: functions may have to start first."""
_ALL_SHOWN = (
    "count => { const all = [...document.images]; return all.length >= count && all.every(i => i.naturalWidth) }"
)
MISSING = "Chromium is not installed: apt-get install chromium (Debian), brew install --cask chromium (macOS)"


def chromium() -> Path | None:
    """The browser of this computer."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


def screenshots(visit: Visit, transcript: Transcript, program: Path, pictures: int) -> Shown:
    """Gallery, orders and charts on a desk, the feed on a phone in the dark; signed in once, by the page's own form."""
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program)
            try:
                return Shown(figures=_taken(browser, visit, pictures))
            finally:
                browser.close()
    except Error as error:
        transcript.problems.append(f"{type(error).__name__}: {error}")
        return Shown()


def _taken(browser: Browser, visit: Visit, pictures: int) -> tuple[Figure, ...]:
    page = browser.new_page(viewport={"width": 1200, "height": 520}, color_scheme="light")
    page.set_default_timeout(_PATIENCE)
    page.goto(visit.website)
    page.get_by_label("E-mail").fill(visit.person.email)
    page.get_by_label("Password").fill(visit.person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_function(_ALL_SHOWN, arg=pictures)
    gallery = _figure(page, visit, "gallery", "The gallery, signed in")
    page.goto(f"{visit.website}/orders")
    page.get_by_role("table").wait_for()
    orders = _figure(page, visit, "orders", "Orders, out of the read model")
    page.goto(f"{visit.website}/live")
    page.get_by_text("as of").wait_for()
    page.set_viewport_size({"width": 1200, "height": 800})
    live = _figure(page, visit, "live", "Charts of the event stream, read anew every few seconds")
    page.set_viewport_size({"width": 390, "height": 660})
    page.emulate_media(color_scheme="dark")
    page.goto(f"{visit.website}/?order=for-you")
    page.wait_for_function(_ALL_SHOWN, arg=pictures)
    return gallery, orders, live, _figure(page, visit, "phone", "The feed on a phone, in the dark")


def _figure(page: Page, visit: Visit, name: str, title: str) -> Figure:
    path = visit.directory / f"{name}.png"
    page.screenshot(path=path)
    heading = page.get_by_role("heading", level=1).inner_text()
    alt = f"Screenshot of the website: {title}; its heading is {heading}"
    return Figure(title=title, alt=alt, file=f"{visit.directory.name}/{path.name}", chart=True)
