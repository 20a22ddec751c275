"""Charts of the event stream."""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from lambdas.common.producer import Producer, Record
from local.use_cases.waiting import wait_until_done
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

VIEWS = 400


def chart(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("figure", name=name)


def produce(visitor: Visitor, page: str) -> None:
    """Views of a page that nobody else looks at."""
    cloud = visitor.site.cloud
    event = {
        "type": "clickstream",
        "time": datetime.now(UTC).isoformat(),
        "visitor": page,
        "session": page,
        "action": "view",
        "url": f"https://{page}/",
        "referrer": None,
    }
    records = [Record(json.dumps(event).encode(), page)] * VIEWS
    Producer(cloud.client("kinesis"), cloud.outputs["StreamAnalytics"]["EventsStreamName"]).put(records)


def test_events_show_in_the_charts_and_their_tables_as_they_come(inside: Visitor) -> None:
    inside.page.clock.install()
    inside.follow("Live")
    views = chart(inside, "Clickstream: views")
    summary = views.get_by_text(re.compile(r"^No events|^[\d,]+ in \d+ minute")).inner_text()
    before = 0 if summary.startswith("No") else int(summary.split(" in ")[0].replace(",", ""))
    page = f"{secrets.token_hex(4)}.example.com"
    produce(inside, page)
    total = f"{before + VIEWS:,} in "

    def left() -> tuple[str, ...]:
        inside.page.clock.run_for(5_000)
        return () if total in views.inner_text() else (f"{total}minutes",)

    wait_until_done(left, "the views do not show")
    expect(chart(inside, "Clickstream: pages")).to_contain_text(page)
    views.get_by_text("As a table").click()
    expect(views.get_by_role("cell", name=re.compile(r"^[\d,]+$")).first).to_be_visible()


def test_charts_stand_still_while_they_are_paused(inside: Visitor) -> None:
    asked: list[str] = []
    inside.page.on("request", lambda request: asked.append(request.url) if "/metrics/" in request.url else None)
    inside.page.clock.install()
    inside.follow("Live")
    expect(chart(inside, "Clickstream: views")).to_be_visible()
    with inside.page.expect_response("**/metrics/clickstream.pages?*"):
        inside.page.clock.run_for(6_000)
    inside.press("Pause")
    before = len(asked)
    inside.page.clock.run_for(60_000)
    assert len(asked) == before
    with inside.page.expect_response("**/metrics/clickstream.pages?*"):
        inside.press("Pause")
