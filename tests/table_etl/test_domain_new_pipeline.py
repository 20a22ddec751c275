"""A pipeline that the engine has never seen, made in a few lines, takes data in every form to the same rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import pytest

from lambdas.table_etl.contract import Form, ReasonCode
from lambdas.table_etl.domain.conditions import SourceFilter, equals, where
from lambdas.table_etl.domain.pipeline import Contribution, Flow, Pipeline, Total, View
from lambdas.table_etl.domain.steps import validate
from tests.table_etl.builders import content, csv_row, export_row, image, json_row, live, loaded, rejected, row, run

# --- the pipeline ---------------------------------------------------------------------------------------------------


class Reading(msgspec.Struct):
    device: int
    at: int
    schema_version: int
    kind: str
    celsius: Decimal
    valid: bool
    serial: str
    raw: bytes
    place: str = msgspec.field(name="place-code")
    levels: list[int] = []


class Measured(msgspec.Struct):
    device: int
    measured_at: datetime
    fahrenheit: Decimal
    serial: str
    raw: bytes
    place: str
    levels: list[int]
    warm: bool = False


def measured(reading: Reading) -> Measured:
    at = datetime.fromtimestamp(reading.at, UTC)
    return Measured(
        reading.device, at, reading.celsius * 9 / 5 + 32, reading.serial, reading.raw, reading.place, reading.levels
    )


def judged(row: Measured) -> Measured:
    row.warm = row.fahrenheit > 77
    return row


READINGS = Pipeline(
    keys=("device", "at"),
    source=SourceFilter((where("kind", "S", equals("temperature")), where("valid", "BOOL", equals(value=True)))),
    flows=(
        Flow(
            name="readings",
            steps=validate(Reading, version=1)
            .filter(lambda r: r.celsius > -274)
            .map(measured)
            .enrich(judged)
            .sort("device"),
            row=Measured,
            day=lambda key: datetime.fromtimestamp(key[1], UTC).date(),
            view=View(partition=lambda row: f"device#{row.device}", sort=lambda row: row.measured_at.isoformat()),
            totals=(
                Total(
                    partition=lambda row: f"device#{row.device}",
                    sort=lambda row: f"{row.measured_at:%Y-%m}",
                    amounts={"readings": lambda _: 1, "warm": lambda row: int(row.warm)},
                ),
            ),
        ),
    ),
)

# --- its data -------------------------------------------------------------------------------------------------------

KEYS = ("device", "at")
READING: dict[str, Any] = {
    "device": 42,
    "at": 1_795_600_800,
    "schema_version": 1,
    "kind": "temperature",
    "celsius": Decimal("25.5"),
    "valid": True,
    "serial": "007",
    "raw": b"1234",
    "place-code": "10115",
    "levels": [1, 2],
}
CELLS = {
    "device": "42",
    "at": "1795600800",
    "schema_version": "1",
    "kind": "temperature",
    "celsius": "25.5",
    "valid": "TRUE",
    "serial": "007",
    "raw": "MTIzNA==",
    "place-code": "10115",
    "levels": "[1, 2]",
}
FORMS = {
    "live": live(READING, keys=KEYS),
    "json": json_row(READING),
    "full export": export_row(READING),
    "incremental export": row(
        Form.EXPORT, {"Keys": image({key: READING[key] for key in KEYS}), "NewImage": image(READING)}
    ),
    "csv": csv_row(CELLS),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_the_same_row_under_the_same_key(form: str) -> None:
    expected = loaded(FORMS["live"], READINGS)
    got = loaded(FORMS[form], READINGS)
    assert (got.key, got.day, got.content) == (expected.key, expected.day, expected.content)


def test_the_row_is_as_the_steps_say() -> None:
    made = loaded(FORMS["live"], READINGS)
    assert (made.key, made.day) == ('[{"N":"42"},{"N":"1795600800"}]', "2026-11-25")
    assert content(FORMS["live"], READINGS).row == Measured(
        42, datetime(2026, 11, 25, 10, 0, tzinfo=UTC), Decimal("77.9"), "007", b"1234", "10115", [1, 2], warm=True
    )


def test_targets_get_the_row_in_their_own_forms() -> None:
    made = content(FORMS["live"], READINGS)
    assert json.loads(made.json)["raw"] == "MTIzNA=="
    assert made.attributes["raw"] == {"B": b"1234"}
    assert made.placement.view == "device#42"
    assert made.placement.contributions == (Contribution("device#42", "2026-11", {"readings": 1, "warm": 1}),)


@pytest.mark.parametrize("number", ["42", "42.0", "4.2e1"])
def test_a_number_key_names_the_same_item_however_it_is_spelled(number: str) -> None:
    assert loaded(csv_row(CELLS | {"device": number}), READINGS).key == loaded(FORMS["live"], READINGS).key


@pytest.mark.parametrize("cell", ["true", "True", "TRUE", "1"])
def test_cells_are_selected_as_the_values_that_the_model_makes_of_them(cell: str) -> None:
    assert loaded(csv_row(CELLS | {"valid": cell}), READINGS).content is not None


@pytest.mark.parametrize("cell", ["false", "False", "FALSE", "0"])
def test_cells_are_left_out_as_the_values_that_the_model_makes_of_them(cell: str) -> None:
    assert loaded(csv_row(CELLS | {"valid": cell}), READINGS).content is None


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("celsius", "warm"),
        ("celsius", "[1]"),
        ("device", "4.2"),
        ("schema_version", "1.5"),
        ("raw", "?"),
        ("levels", "1;2"),
        ("levels", '["a"]'),
    ],
)
def test_a_cell_of_another_type_is_rejected_by_the_name_of_its_column(field: str, cell: str) -> None:
    line = rejected(csv_row(CELLS | {field: cell}), READINGS)
    assert field in line.message


def test_an_item_that_is_deleted_is_deleted_under_its_key() -> None:
    gone = loaded(live(None, READING, keys=KEYS), READINGS)
    assert (gone.content, gone.key) == (None, loaded(FORMS["live"], READINGS).key)


SENSORS = Pipeline(
    keys=("device",),
    flows=(
        Flow(name="vip", when=equals("1"), steps=validate(Reading, version=1).map(measured), row=Measured),
        Flow(name="all", steps=validate(Reading, version=1).map(measured), row=Measured),
    ),
)


@pytest.mark.parametrize(("device", "flow"), [(1, "vip"), (42, "all")])
def test_a_table_with_a_number_as_its_only_key_takes_all_forms_too(device: int, flow: str) -> None:
    changes = [
        live(READING | {"device": device}, keys=("device",)),
        json_row(READING | {"device": device}),
        export_row(READING | {"device": device}),
        csv_row(CELLS | {"device": str(device)}),
    ]
    made = [loaded(change, SENSORS) for change in changes]
    assert {(each.flow.name, each.key, each.day) for each in made} == {(flow, f'[{{"N":"{device}"}}]', "all")}
    assert all(each.content == made[0].content for each in made)


def test_the_day_may_come_as_a_time() -> None:
    flow = Flow(
        name="all", steps=validate(Reading, version=1), row=Reading, day=lambda _: datetime(2026, 1, 2, 3, tzinfo=UTC)
    )
    assert flow.partition_day((1,)) == date(2026, 1, 2).isoformat()


class Timed(msgspec.Struct):
    id: str
    schema_version: int
    at: datetime


class Zoned(Timed):
    at: Annotated[datetime, msgspec.Meta(tz=True)]


def test_a_time_without_a_zone_is_rejected_alone() -> None:
    steps = validate(Timed, version=1).sort("at")
    pipeline = Pipeline(keys=("id",), flows=(Flow(name="timed", steps=steps, row=Timed),))
    items = [{"id": each, "schema_version": 1, "at": f"2026-11-25T10:00:0{each}"} for each in ("1Z", "2", "3Z")]
    done = run(*map(json_row, items), pipeline=pipeline)
    assert [each.key for each in done.loaded] == ['["1Z"]', '["3Z"]']
    assert "no time zone" in done.rejected[0].message


@pytest.mark.parametrize(("partition", "sort"), [("", "a"), ("a", "")])
def test_a_place_in_the_read_model_that_dynamodb_would_not_take_is_rejected(partition: str, sort: str) -> None:
    views: tuple[dict[str, Any], ...] = (
        {"view": View(partition=lambda _: partition, sort=lambda _: sort)},
        {"totals": (Total(partition=lambda _: partition, sort=lambda _: sort, amounts={"n": lambda _: 1}),)},
    )
    for view in views:
        flow: Flow[Any] = Flow(name="zoned", steps=validate(Zoned, version=1), row=Zoned, **view)
        line = rejected(
            json_row({"id": "a", "schema_version": 1, "at": "2026-11-25T10:00:00Z"}),
            Pipeline(keys=("id",), flows=(flow,)),
        )
        assert line.reason is ReasonCode.BAD_KEY
        assert "empty key" in line.message
