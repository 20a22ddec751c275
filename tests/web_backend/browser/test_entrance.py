"""Signing up, in and out."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from local.use_cases.people import CODE, Person
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

GOOD = "Correct-Horse-9!"


def sign_up(visitor: Visitor, password: str) -> str:
    email = visitor.site.new_email()
    visitor.open("/")
    visitor.press("Create an account")
    visitor.fill(E_mail=email, Password=password)
    visitor.press("Create an account")
    return email


def test_who_signs_up_and_types_the_code_is_in(visitor: Visitor) -> None:
    email = sign_up(visitor, GOOD)
    visitor.fill(Code=CODE)
    visitor.press("Confirm")
    visitor.sees("Gallery")
    visitor.is_told(email)


def test_who_left_before_typing_the_code_is_asked_for_it_at_the_next_sign_in(visitor: Visitor) -> None:
    email = sign_up(visitor, GOOD)
    visitor.sees("Confirm your address")
    visitor.open("/")
    visitor.fill(E_mail=email, Password=GOOD)
    visitor.press("Sign in")
    visitor.sees("Confirm your address")
    visitor.fill(Code=CODE)
    visitor.press("Confirm")
    visitor.sees("Gallery")
    visitor.expected.append("400 POST /")


def test_what_a_password_lacks_is_told_at_its_field(visitor: Visitor) -> None:
    sign_up(visitor, "too-weak-a-password")
    expect(visitor.fault_of("Password")).to_contain_text("uppercase")
    expect(visitor.field("Password")).to_be_focused()
    visitor.expected.append("400 POST /")


def test_a_password_that_is_too_short_is_told_without_asking_the_server(visitor: Visitor) -> None:
    sign_up(visitor, "Ab-3")
    expect(visitor.fault_of("Password")).to_contain_text("12 characters")


def test_an_empty_field_is_told_without_asking_the_server(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.fill(E_mail="somebody@example.com")
    visitor.press("Sign in")
    expect(visitor.fault_of("Password")).not_to_be_empty()


def test_a_wrong_password_is_told(visitor: Visitor, ann: Person) -> None:
    visitor.open("/")
    visitor.fill(E_mail=ann.email, Password="Wrong-Horse-9!")
    visitor.press("Sign in")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Incorrect username or password")
    visitor.expected.append("400 POST /")


def test_a_forgotten_password_can_be_set_anew(visitor: Visitor, ann: Person) -> None:
    visitor.open("/")
    visitor.press("Forgot your password?")
    visitor.fill(E_mail=ann.email)
    visitor.press("Send a code")
    visitor.fill(Code=CODE)
    visitor.page.get_by_label("New password").fill(GOOD)
    visitor.press("Set password")
    visitor.sees("Gallery")


def test_a_reload_stays_on_its_page_and_signed_in(inside: Visitor) -> None:
    inside.open("/orders/new")
    inside.sees("New order")
    inside.page.reload()
    inside.sees("New order")


def test_who_opens_a_deep_link_comes_there_by_signing_in(visitor: Visitor, ann: Person) -> None:
    visitor.open("/preferences")
    visitor.sign_in(ann)
    visitor.sees("Your taste")


def test_signing_out_leaves_nothing_to_come_back_with(inside: Visitor) -> None:
    with inside.page.expect_request(lambda request: "RevokeToken" in str(request.headers)):
        inside.press("Sign out")
    inside.sees("Sign in")
    assert inside.page.evaluate("sessionStorage.length") == 0
    inside.page.reload()
    inside.sees("Sign in")


def test_a_session_that_ended_elsewhere_leads_to_the_sign_in(inside: Visitor) -> None:
    def refuse(route: Route) -> None:
        if "REFRESH_TOKEN" not in (route.request.post_data or ""):
            return route.fallback()
        body = json.dumps({"__type": "NotAuthorizedException", "message": "Refresh Token has been revoked"})
        headers = {"access-control-allow-origin": "*"}
        return route.fulfill(status=400, body=body, headers=headers)

    inside.page.route(f"{inside.site.cloud.endpoint}/", refuse)
    inside.page.reload()
    inside.sees("Sign in")
    inside.is_told("Your session has ended. Sign in again.")
    inside.expected.append("400 POST /")
