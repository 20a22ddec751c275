"""Devices, as the page lists them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Route, expect

from lambdas.iot_backend.adapters.entries import attributes, key
from lambdas.iot_backend.contract.devices import ENROLMENT, STATE, DeviceState, Enrolment, Kind
from tests.events.iot import CERTIFICATE_ID
from tests.web_backend.browser.visitor import Visitor

if TYPE_CHECKING:
    from local.cloud import Cloud

pytestmark = pytest.mark.xdist_group("laptop cloud")

TOLD = DeviceState(
    version="1",
    measured_at="2026-11-25T10:00:00.000Z",
    received_at="2026-11-25T10:00:01.000Z",
    sequence=1,
    readings={"temperature": 91.25, "air_pressure": 0.1 + 0.2},
    alarms=("temperature",),
)
NOTHING = "\u2013"
HOME: dict[str, Any] = {
    "device_id": "",
    "kind": "sensor",
    "enrolled_at": "2026-11-25T10:00:00.000Z",
    "measured_at": None,
    "readings": {},
    "alarms": [],
}


@dataclass(frozen=True)
class Sensor:
    """An enrolled device that nobody else has."""

    device_id: str
    table_name: str
    dynamodb: Any

    def put(self, entry: str, content: Any) -> None:
        self.dynamodb.put_item(TableName=self.table_name, Item=key(self.device_id, entry) | attributes(content))


@pytest.fixture
def sensor(laptop_cloud: Cloud) -> Iterator[Sensor]:
    table_name = laptop_cloud.outputs["IotBackend"]["DeviceTableName"]
    sensor = Sensor(f"sensor-{secrets.token_hex(4)}", table_name, laptop_cloud.client("dynamodb"))
    enrolment = Enrolment(
        kind=Kind.SENSOR,
        principal=CERTIFICATE_ID,
        client_id=sensor.device_id,
        enrolled_at="2026-11-25T09:00:00.000Z",
        enrolled_by="a test",
    )
    sensor.put(ENROLMENT, enrolment)
    yield sensor
    for entry in (ENROLMENT, STATE):
        sensor.dynamodb.delete_item(TableName=table_name, Key=key(sensor.device_id, entry))


def pages_of(visitor: Visitor, *pages: list[str]) -> None:
    """Serves lists of devices with these ids, one after the other."""

    def answer(route: Route) -> None:
        _, _, cursor = route.request.url.partition("cursor=page.")
        index = int(cursor or 0)
        following = f"page.{index + 1}" if index + 1 < len(pages) else None
        route.fulfill(json={"devices": [HOME | {"device_id": each} for each in pages[index]], "next_cursor": following})

    visitor.page.route("**/api/devices?*", answer)
    visitor.page.reload()


def test_a_device_shows_what_it_told_as_soon_as_it_did(sensor: Sensor, desk: Visitor) -> None:
    row = desk.page.get_by_role("row", name=sensor.device_id)
    expect(row.get_by_role("cell")).to_have_text(["Sensor", NOTHING, NOTHING, "Nothing yet"])
    sensor.put(STATE, TOLD)
    expect(row).to_contain_text("temperature 91.25, air pressure 0.3")
    expect(row).to_contain_text("Nov 25, 2026")
    expect(row.get_by_role("cell").nth(1)).to_have_text("temperature")


def test_without_devices_the_page_says_how_to_enrol_one(desk: Visitor) -> None:
    pages_of(desk, [])
    desk.is_told("No device is enrolled yet.")


def test_more_devices_come_when_asked_for_past_pages_that_have_none(desk: Visitor) -> None:
    pages_of(desk, [], ["b", "a"], [], ["c"])
    more = desk.page.get_by_role("button", name="Load more")
    expect(desk.page.get_by_role("rowheader")).to_have_text(["a", "b"])
    more.click()
    expect(desk.page.get_by_role("rowheader")).to_have_text(["a", "b", "c"])
    expect(more).to_have_count(0)
