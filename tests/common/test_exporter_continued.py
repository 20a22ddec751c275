"""Which export is continued: the newest one of the same table, if it is unfinished."""

from __future__ import annotations

import pytest

from lambdas.common.exporter.export import ExportError
from tests.common.exports import Shop


def test_an_unfinished_one_is_continued_with_its_own_segments() -> None:
    shop = Shop(items=20)
    begun = shop.goes_on(segments=3)
    begun.step()

    found = shop.exporter(segments=7).unfinished()

    assert found is not None
    assert found.place == begun.place
    assert found.progress == begun.progress
    assert found.scan.segments == 3


def test_a_finished_one_is_not() -> None:
    shop = Shop(items=20)
    shop.goes_on().run()

    assert shop.exporter().unfinished() is None


def test_nor_an_older_one_behind_a_finished_one() -> None:
    shop = Shop(items=20)
    shop.exporter().begin()
    shop.exporter().begin().run()

    assert shop.exporter().unfinished() is None


def test_the_newer_of_two() -> None:
    shop = Shop(items=20)
    for _ in range(4):
        shop.exporter().begin()
    newest = shop.exporter().begin()

    found = shop.exporter().unfinished()

    assert found is not None
    assert found.place == newest.place


def test_not_one_of_another_table_nor_of_one_that_had_the_name_before() -> None:
    shop = Shop(items=20)
    begun = shop.exporter().begin()
    shop.table.id = "table-2"
    assert shop.exporter().unfinished() is None
    shop.table.id, shop.table.name = "table-1", "other"
    shop.exporter().begin()

    assert shop.exporter().unfinished() is not None
    shop.table.name = "shop"
    found = shop.exporter().unfinished()

    assert found is not None
    assert found.place == begun.place


def test_not_one_that_dynamodb_made() -> None:
    shop = Shop(items=20)
    shop.objects["AWSDynamoDB/99999999999999-0a0a0a0a/manifest-summary.json"] = b"{}"
    begun = shop.exporter().begin()

    found = shop.exporter().unfinished()

    assert found is not None
    assert found.place == begun.place


def test_not_one_under_another_prefix() -> None:
    shop = Shop(items=20)
    shop.exporter().begin()

    assert shop.exporter(prefix="daily/").unfinished() is None


def test_progress_that_cannot_be_read_is_told_with_its_key() -> None:
    shop = Shop(items=20)
    key = shop.exporter().begin().place.progress
    shop.objects[key] = b"{"

    with pytest.raises(ExportError, match=f"s3://exports/{key}"):
        shop.exporter().unfinished()
