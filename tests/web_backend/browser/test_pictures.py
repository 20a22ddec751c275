"""Uploading a picture, and seeing what becomes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.pictures import PHOTOS, noise
from tests.web_backend.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("laptop cloud")

PHOTO = min(PHOTOS.glob("*.jpg"), key=lambda path: path.stat().st_size)


def choose(visitor: Visitor, file: Path) -> None:
    visitor.follow("New item")
    visitor.page.get_by_label("Choose a picture").set_input_files(file)


def test_a_picture_appears_in_its_renditions_wherever_its_item_does(inside: Visitor) -> None:
    choose(inside, PHOTO)
    picture = inside.page.locator("main picture")
    expect(picture.locator("img")).to_be_visible()
    kinds = picture.locator("source").evaluate_all("sources => sources.map(each => each.type)")
    assert kinds == ["image/webp", "image/jpeg"]
    inside.fill(Title="Harbour")
    inside.press("Save")
    inside.sees("Harbour")
    shown = inside.page.get_by_role("img", name="Harbour")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.currentSrc)").endswith(".webp")
    inside.follow("Gallery")
    expect(inside.page.get_by_role("link", name="Harbour").locator("img")).to_be_visible()


def test_the_progress_of_an_upload_is_shown(inside: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "noise.png"
    noise((640, 480)).save(file)
    network = inside.page.context.new_cdp_session(inside.page)
    size = file.stat().st_size
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": size}
    network.send("Network.emulateNetworkConditions", conditions)
    choose(inside, file)
    between = re.compile(r"^[1-9]\d?$")
    expect(inside.page.get_by_role("progressbar")).to_have_attribute("value", between)
    expect(inside.page.locator("main picture img")).to_be_visible()


def test_an_upload_can_be_cancelled(inside: Visitor) -> None:
    endless = inside.site.cloud.endpoint + "/imageprocessing-*"
    inside.page.route(endless, lambda _route: None)
    choose(inside, PHOTO)
    inside.press("Cancel")
    expect(inside.page.get_by_label("Choose a picture")).to_be_enabled()
    inside.page.unroute(endless)


def test_a_file_that_only_claims_to_be_a_picture_is_refused_with_the_reason(inside: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "letter.jpg"
    file.write_text("Dear reader")
    choose(inside, file)
    expect(inside.page.get_by_text("The picture was rejected:")).to_contain_text("not")


def test_a_file_of_another_kind_is_refused_at_once(inside: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader")
    choose(inside, file)
    inside.is_told("letter.txt is no picture of a kind that is taken here.")
