"""What an export holds, and everything that can be wrong with one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.backups.adapters.export_objects import S3ExportObjects
from lambdas.backups.contract.records import Tally
from lambdas.backups.domain.digest import added, digest
from lambdas.backups.domain.exports import DamagedExportError
from lambdas.backups.workflow.export_reading import ExportReader
from lambdas.common.exporter.layout import checksum
from lambdas.common.failures import UnavailableError
from tests.backups.items import EVERY_TYPE, Item
from tests.common.exports import Shop
from tests.support.fake_aws import Fault

ITEMS: list[Item] = [{"id": {"S": str(number)}, "n": {"N": str(number)}} for number in range(20)]


class Export:
    """An export of a table, as the exporter of this project makes it."""

    def __init__(self, items: list[Item]) -> None:
        self.shop = Shop()
        self.shop.table.items = items
        made = self.shop.exporter().begin()
        made.run()
        self.objects = self.shop.objects
        self.root = made.place.root
        self.files = [file.key for file in made.progress.files]
        self.first = max(made.progress.files, key=lambda file: file.item_count).key

    def read(self) -> Tally:
        """All of it, as the check does."""
        s3: Any = self.shop.s3
        reader = ExportReader(S3ExportObjects(s3, "exports"), f"{self.root}manifest-summary.json")
        total, number = Tally(), 0
        while (tally := reader.read(number)) is not None:
            total, number = added(total, tally), number + 1
        return total

    def replace(self, key: str, content: bytes, **manifest: Any) -> None:
        """Another content of a data file, with its MD5 in the manifest, so that only what is in it tells."""
        self.objects[key] = content
        self.rewrite(key, md5Checksum=checksum(content), **manifest)

    def rewrite(self, key: str, **values: Any) -> None:
        """The manifest's line of a data file."""
        listing = f"{self.root}manifest-files.json"
        lines = [json.loads(line) for line in self.objects[listing].splitlines()]
        changed = [line | values if line["dataFileS3Key"] == key else line for line in lines]
        self.objects[listing] = msgspec.json.Encoder().encode_lines(changed)

    def lines(self, key: str) -> list[bytes]:
        return gzip.decompress(self.objects[key]).splitlines()


@pytest.fixture
def export() -> Export:
    return Export(ITEMS)


def packed(lines: list[bytes]) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in lines))


def test_an_export_has_the_digest_of_its_table(export: Export) -> None:
    assert len(export.files) > 1
    assert export.read() == digest(ITEMS)


def test_an_export_with_every_type_has_the_digest_of_its_table() -> None:
    items = [{"id": {"S": "a"}} | EVERY_TYPE]
    assert Export(items).read() == digest(items)


def test_an_export_of_an_empty_table_has_no_items() -> None:
    assert Export([]).read() == Tally()


def test_the_file_of_an_empty_partition_may_have_no_bytes_at_all() -> None:
    export = Export([])
    export.replace(export.files[0], b"")
    assert export.read() == Tally()


def test_gzip_members_one_behind_the_other_are_one_file(export: Export) -> None:
    lines = export.lines(export.first)
    export.replace(export.first, packed(lines[:1]) + packed(lines[1:]))
    assert export.read() == digest(ITEMS)


def test_lines_may_be_longer_than_the_pieces_they_come_in() -> None:
    items = [{"id": {"S": str(number)}, "text": {"S": "ä" * 199_000}} for number in range(7)]
    assert Export(items).read() == digest(items)


def remove_file(export: Export) -> str:
    del export.objects[export.first]
    return f"{export.first} is missing"


def remove_listing(export: Export) -> str:
    del export.objects[f"{export.root}manifest-files.json"]
    return "manifest-files.json is missing"


def remove_summary(export: Export) -> str:
    del export.objects[f"{export.root}manifest-summary.json"]
    return "manifest-summary.json is missing"


def spoil_summary(export: Export) -> str:
    export.objects[f"{export.root}manifest-summary.json"] = b"{}"
    return "no summary"


def spoil_listing(export: Export) -> str:
    export.objects[f"{export.root}manifest-files.json"] += b"{"
    return "no list of data files"


def exchange_file(export: Export) -> str:
    export.objects[export.first] = packed([*export.lines(export.first)[:-1], b'{"Item":{"id":{"S":"other"}}}'])
    return f"{export.first} was changed"


def lose_line(export: Export) -> str:
    export.replace(export.first, packed(export.lines(export.first)[1:]))
    return f"{export.first} has"


def empty_file(export: Export) -> str:
    export.replace(export.first, b"")
    return f"{export.first} has 0 items"


def cut_file(export: Export) -> str:
    export.replace(export.first, export.objects[export.first][:-5])
    return f"{export.first} is damaged"


def no_gzip(export: Export) -> str:
    export.replace(export.first, b"\n".join(export.lines(export.first)))
    return f"{export.first} is damaged"


def no_item(export: Export) -> str:
    export.replace(export.first, packed([b'{"Items":{}}']))
    return f"{export.first} is damaged"


def no_attribute(export: Export) -> str:
    export.replace(export.first, packed([b'{"Item":{"id":{"X":"1"}}}']))
    return f"{export.first} is damaged"


DAMAGES = [remove_file, remove_listing, remove_summary, spoil_summary, spoil_listing, exchange_file, lose_line]
DAMAGES += [empty_file, cut_file, no_gzip, no_item, no_attribute]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_told_with_its_place(export: Export, damage: Callable[[Export], str]) -> None:
    told = damage(export)
    with pytest.raises(DamagedExportError) as raised:
        export.read()
    assert told in str(raised.value)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_any_byte_of_a_data_file_that_changes_is_seen(at: int, change: int) -> None:
    export = Export(ITEMS[:5])
    content = bytearray(export.objects[export.first])
    content[at % len(content)] ^= change
    export.objects[export.first] = bytes(content)
    with pytest.raises(DamagedExportError):
        export.read()


def test_an_outage_is_no_damage(export: Export) -> None:
    export.shop.outside.decide = lambda _: Fault.THROTTLED
    with pytest.raises(UnavailableError):
        export.read()
