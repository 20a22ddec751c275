"""Pushing to production by the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Route, expect

from lambdas.iot_backend.contract.releases import AlarmState
from tests.iot_backend.browser.target import Target
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

CANARY_MS = 45_000
"""The emulator looks at one-off schedules every 10 seconds, and the page at the controller every 5."""
REFUSED = "409 POST /api/releases"


def decisions(visitor: Visitor) -> Locator:
    """Entries of the history, newest first."""
    return visitor.page.get_by_role("list", name="History").get_by_role("listitem")


def published(target: Target, visitor: Visitor) -> int:
    """A new version, which the page knows of."""
    version = target.publish()
    visitor.page.reload()
    return version


def ask(visitor: Visitor, button: str, reason: str = "") -> None:
    """Presses a button of the page, then the one of the dialog that asks once more."""
    visitor.press(button)
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name="Promote" if button.startswith("Promote") else "Roll back", exact=True).click()


def test_a_version_is_tried_and_takes_over_while_somebody_looks(desk: Visitor, target: Target) -> None:
    before, _ = target.alias()
    version = published(target, desk)
    ask(desk, f"Promote version {version}", reason="The sea is bluer")
    desk.is_told(f"Version {before} takes 90 %, version {version} takes 10 % of all invocations.")
    assert target.alias() == (before, {version: 0.1})
    expect(decisions(desk).first).to_contain_text(f"Version {version} began to be tried beside version {before}")
    expect(decisions(desk).first).to_contain_text("You, by HTTP. As asked.“The sea is bluer”")
    expect(desk.page.get_by_text(f"Version {version} serves")).to_be_visible(timeout=CANARY_MS)
    assert target.alias() == (version, {})
    expect(decisions(desk).first).to_contain_text(f"Version {version} took over from version {before}")
    expect(decisions(desk).first).to_contain_text("The controller, by schedule. The alarm was off.")


def test_the_version_before_comes_back(target: Target, desk: Visitor) -> None:
    before, version = target.released()
    desk.page.reload()
    ask(desk, f"Roll back to version {before}")
    desk.is_told(f"Version {before} serves")
    assert target.alias() == (before, {})
    expect(decisions(desk).first).to_contain_text(f"Version {before} came back in place of version {version}")


def test_a_second_push_while_a_version_is_tried_is_refused_in_words(target: Target, desk: Visitor) -> None:
    before, version = target.tried()
    desk.page.reload()
    desk.is_told(f"Version {version} is being tried beside version {before}")
    ask(desk, "Promote")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was changed, because a release is under way")
    expect(dialog.get_by_label("Force it")).to_have_count(0)
    desk.expected.append(REFUSED)


def test_a_release_over_an_alarm_is_refused_until_it_is_forced(target: Target, desk: Visitor) -> None:
    version = published(target, desk)
    target.set_alarm(AlarmState.ALARM)
    ask(desk, f"Promote version {version}")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was changed, because the alarm is on.")
    dialog.get_by_label("Force it").check()
    dialog.get_by_role("button", name="Promote").click()
    desk.is_told(f"Version {version} serves")
    expect(decisions(desk).first.get_by_text("Forced")).to_be_visible()
    desk.expected.append(REFUSED)


def test_what_was_refused_can_be_asked_again_when_the_reason_is_gone(target: Target, desk: Visitor) -> None:
    version = published(target, desk)
    target.set_alarm(AlarmState.ALARM)
    ask(desk, f"Promote version {version}")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("the alarm is on")
    target.set_alarm(AlarmState.OK)
    dialog.get_by_role("button", name="Promote").click()
    desk.is_told(f"Version {version} began to be tried")
    desk.expected.append(REFUSED)


def test_a_push_whose_answer_got_lost_is_one_release_when_it_is_sent_again(target: Target, desk: Visitor) -> None:
    before, _ = target.alias()
    version = published(target, desk)

    def lose(route: Route) -> None:
        headers = {name: route.request.headers[name] for name in ("content-type", "idempotency-key")}
        body = route.request.post_data_buffer or b""
        assert target.remote.send("POST", "/releases", body, headers).status == 202
        route.abort()

    desk.page.route("**/api/releases", lose, times=1)
    ask(desk, f"Promote version {version}")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    dialog.get_by_role("button", name="Promote").click()
    expect(dialog).to_have_count(0)
    begun = decisions(desk).filter(has_text=f"Version {version} began to be tried beside version {before}")
    expect(begun).to_have_count(1)


def test_who_thinks_better_of_it_changes_nothing(target: Target, desk: Visitor) -> None:
    before = target.alias()
    desk.press(f"Promote version {published(target, desk)}")
    desk.press("Not now")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    assert target.alias() == before
