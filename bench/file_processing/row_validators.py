"""Implementations that part good rows from bad ones, each as a process of its own.

Answers a file with the CPU seconds that parting its rows took, and how many are bad.
"""

from __future__ import annotations

import csv
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

import jsonschema_rs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input
from lambdas.file_processing.domain.rows import csv as csv_rows
from lambdas.file_processing.domain.rows import json_lines
from lambdas.file_processing.domain.rows.specs import shipped

SCHEMAS: Final[dict[str, Any]] = {each.name: each.spec.schema for each in shipped()}
ORDERS: Final = {
    "type": "object",
    "required": ["id", "customer", "product", "quantity", "price", "ordered_at"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "customer": {"type": "string", "pattern": "^C-[0-9]{4,10}$"},
        "product": {"type": "string", "maxLength": 80},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
        "price": {"type": "number", "minimum": 0},
        "currency": {"enum": ["CHF", "EUR", "GBP", "USD"]},
        "gift": {"type": "boolean"},
        "deliver_on": {"type": "string", "format": "date"},
        "ordered_at": {"type": "string", "format": "date-time"},
    },
}
"""What the spec by columns says, for peers that know schemas alone."""
READ: Final[dict[str, Callable[[str], Any]]] = {
    "id": int,
    "quantity": int,
    "price": float,
    "gift": {"true": True, "false": False}.__getitem__,
}
PREFIXES: Final = {"orders.csv": "orders/", "orders, quoted.csv": "orders/", "readings.jsonl": "readings/"}

Absent = BeforeValidator(lambda text: text or None)


class Order(BaseModel):
    """A row of CSV."""

    id: Annotated[int, Field(ge=1)]
    customer: Annotated[str, Field(pattern="^C-[0-9]{4,10}$")]
    product: Annotated[str, Field(max_length=80)]
    quantity: Annotated[int, Field(ge=1, le=1000)]
    price: Annotated[Decimal, Field(ge=0)]
    currency: Annotated[Literal["CHF", "EUR", "GBP", "USD"] | None, Absent]
    gift: Annotated[bool | None, Absent]
    deliver_on: Annotated[date | None, Absent]
    ordered_at: datetime


class Position(BaseModel):
    """Of a sensor."""

    model_config = ConfigDict(extra="forbid", strict=True)
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Reading(BaseModel):
    """A line of JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)
    sensor: Annotated[str, Field(pattern="^[a-z]{2,10}-[0-9]{1,6}$")]
    at: datetime
    value: Annotated[float, Field(ge=-273.15, le=10_000)]
    unit: Literal["C", "K", "hPa", "%"] | None = None
    battery: Annotated[int, Field(ge=0, le=100)] | None = None
    position: Position | None = None
    tags: list[str] | None = None


def _ours(path: Path, output: Path) -> int:
    process = csv_rows.process if path.suffix == ".csv" else json_lines.process
    return process(Input(path, PREFIXES[path.name] + path.name, "", path.stat().st_size), output, Limits()).bad_rows


def _by_schema(path: Path, output: Path) -> int:
    schema = ORDERS if path.suffix == ".csv" else SCHEMAS["readings"]
    valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    typed = _typed if path.suffix == ".csv" else dict
    return _part(path, output, lambda row: valid(typed(row)))


def _typed(row: dict[str, str]) -> dict[str, Any]:
    return {name: READ[name](text) if name in READ else text for name, text in row.items() if text}


def _by_model(path: Path, output: Path) -> int:
    model = Order if path.suffix == ".csv" else Reading
    check = TypeAdapter(model).validate_python if path.suffix == ".csv" else TypeAdapter(model).validate_json

    def fine(row: Any) -> bool:
        try:
            check(row)
        except ValidationError:
            return False
        return True

    return _part(path, output, fine, parsed=path.suffix == ".csv")


def _part(path: Path, output: Path, fine: Callable[[Any], bool], *, parsed: bool = True) -> int:
    """Row by row, into a file of good ones and one of bad ones."""
    if path.suffix == ".csv":
        return _part_csv(path, output, fine)
    bad = 0
    with path.open() as lines, (output / "good").open("w") as good, (output / "bad").open("w") as rest:
        for line in lines:
            if fine(json.loads(line) if parsed else line):
                good.write(line)
            else:
                bad += 1
                rest.write(line)
    return bad


def _part_csv(path: Path, output: Path, fine: Callable[[Any], bool]) -> int:
    bad = 0
    with (
        path.open(newline="") as lines,
        (output / "good").open("w", newline="") as good,
        (output / "bad").open("w") as rest,
    ):
        reader = csv.DictReader(lines)
        writer = csv.DictWriter(good, reader.fieldnames or [])
        writer.writeheader()
        for row in reader:
            if fine(row):
                writer.writerow(row)
            else:
                bad += 1
                rest.write(json.dumps({"row": reader.line_num, "raw": row}) + "\n")
    return bad


PART: Final[dict[str, Callable[[Path, Path], int]]] = {
    "ours": _ours,
    "jsonschema-rs": _by_schema,
    "pydantic": _by_model,
}


def _requests() -> Iterator[dict[str, str]]:
    return (cast("dict[str, str]", json.loads(line)) for line in sys.stdin)


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    print(json.dumps({"ready": name}), flush=True)
    for request in _requests():
        with tempfile.TemporaryDirectory() as output:
            gc.collect()
            began = time.process_time()
            rejected = PART[name](Path(request["path"]), Path(output))
            seconds = time.process_time() - began
        print(json.dumps({"seconds": seconds, "rejected": rejected}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
