"""The layout of the catalog: what is stored under ids must be found under the same ids for good."""

from __future__ import annotations

from lambdas.common.tables.pictures.layout import picture_id


def test_ids_are_those_that_stored_pictures_have() -> None:
    stored = "41f2a7d3511e3d3543de610724f3c278ef4a7cbf304bed60706eb97cd14d0b3f"
    assert picture_id("uploads", "holidays/été 🏝.jpg") == stored


def test_bucket_and_key_do_not_run_into_each_other() -> None:
    assert picture_id("uploads", "2/a.jpg") != picture_id("uploads2", "/a.jpg")
