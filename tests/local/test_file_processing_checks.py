"""What the demo of file processing holds against what was generated, and would notice."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from lambdas.file_processing.contract import generation_prefix, quarantine_prefix
from lambdas.file_processing.contract.access_logs import LineReason, QuarantinedLine, manifest_key
from lambdas.file_processing.contract.search import SearchHit, SearchResult
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import ProductItem
from lambdas.file_processing.domain.rows.ledger import BadRow
from lambdas.file_processing.domain.totals import Totals
from local.use_cases.file_processing import checks
from local.use_cases.file_processing.checks import Problem
from local.use_cases.file_processing.requests import Log
from local.use_cases.file_processing.samples import COPY, GUIDE, SEARCHES, File, Shown
from local.use_cases.file_processing.tables import Fault, Table
from tests.local.files import GENERATION, catalog, current, guide, shown, torn, version

TORN = "docs/torn.pdf"
FILES = (guide(GUIDE), guide(COPY), torn(TORN))
RIGHT = [version(each) for each in FILES]
PRODUCTS = {f"{generation_prefix(name, GENERATION)}text.txt": "" for name in (GUIDE, COPY)}
KEPT = {f"{quarantine_prefix(TORN, GENERATION)}{name}": "" for name in ("original", "reason.json")}


def texts(problems: Any) -> list[str]:
    return [each.text for each in problems]


# --- catalog and objects --------------------------------------------------------------------------------------------


def test_catalog_that_is_as_it_should_be_has_no_problem() -> None:
    assert list(checks.check_catalog(shown(*FILES), catalog(*RIGHT))) == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"kind": "text"}, "its kind is text, not pdf"),
        ({"status": Status.REJECTED}, "its status is rejected, not ready"),
        ({"reason_code": "odd"}, "its reason is odd, not None"),
        ({"bytes": 5}, "its length is 5, not 4"),
        ({"sha256": None}, "its digest is None"),
        ({"products": ()}, "the list of its products is []"),
        ({"quarantined": (ProductItem(name="rows", key="", content_type="", bytes=1),)}, "what is bad in it is"),
    ],
)
def test_version_that_is_not_as_it_should_be_is_a_problem(wrong: dict[str, Any], problem: str) -> None:
    found = catalog(version(FILES[0], **wrong), *RIGHT[1:])
    assert [
        each for each in texts(checks.check_catalog(shown(*FILES), found)) if each.startswith(f"{GUIDE}: {problem}")
    ]


def test_file_that_is_missing_or_invented_is_a_problem() -> None:
    found = texts(checks.check_catalog(shown(*FILES), catalog(*RIGHT[:2], version(guide("other")))))
    assert found == [f"{TORN} is missing", "other is shown, and should not be"]


def test_copy_that_is_not_noted_is_a_problem() -> None:
    found = catalog(RIGHT[0], version(FILES[1], duplicate_of=None), RIGHT[2])
    assert texts(checks.check_catalog(shown(*FILES), found)) == [
        f"{COPY} is not noted as a copy of {GUIDE}, but of None"
    ]


def test_deleted_version_that_lists_products_is_a_problem() -> None:
    old = msgspec.structs.replace(RIGHT[0], version_id="v0", status=Status.DELETED)
    found = texts(checks.check_catalog(shown(*FILES), catalog(old, *RIGHT)))
    assert f"a version of {GUIDE} is deleted, and lists products" in found


def test_buckets_that_hold_what_is_listed_have_no_problem() -> None:
    assert list(checks.check_objects(catalog(*RIGHT), PRODUCTS, KEPT)) == []


def test_object_that_is_missing_or_left_over_is_a_problem() -> None:
    left = "products/deleted/text.txt"
    found = texts(checks.check_objects(catalog(*RIGHT), {**dict([*PRODUCTS.items()][1:]), left: ""}, {}))
    missing = next(iter(PRODUCTS))
    assert found == [
        f"products bucket: {missing} is missing",
        f"products bucket: nobody lists {left}",
        *(f"quarantine bucket: {key} is missing" for key in KEPT),
    ]


def test_members_and_lists_of_metrics_belong_into_the_products_bucket() -> None:
    log = version(File(name="log", data=b"", kind="access_log"))
    member = current(guide("a.zip!/b"), object_key="products/member", depth=1, parent="a.zip")
    found = catalog(log, version(guide("a.zip!/b"), products=()), states={"a.zip!/b": member})
    assert list(checks.check_objects(found, {"products/member": "", manifest_key("log", GENERATION): ""}, {})) == []


@pytest.mark.parametrize(
    ("key", "problems"),
    [(f"{generation_prefix('a.zip', GENERATION)}members/1", 0), ("products/elsewhere", 1)],
)
def test_member_that_is_not_stored_with_its_archive_is_a_problem(key: str, problems: int) -> None:
    archive = File(name="a.zip", data=b"", kind="archive_zip")
    member = current(guide("a.zip!/b"), object_key=key, depth=1, parent="a.zip")
    found = catalog(version(archive), states={"a.zip!/b": member})
    assert len(list(checks.check_own_prefix(found))) == problems


# --- rows and lines -------------------------------------------------------------------------------------------------

ORDERS = File(name="orders", data=b"", kind="csv", products=("rows",), quarantined=("bad",))
TABLE = Table(b"", 3, {2: Fault("price", "type")}, b"id\r\n1\r\n3\r\n")
COUNTS = '{"rows": 3, "valid": 2, "rejected": 1}'
BAD = BadRow(row=2, column="price", code="type", message="")


def rows(found: Sequence[BadRow] = (BAD,), facts: str = COUNTS, product: bytes = TABLE.good) -> list[Problem]:
    return list(checks.check_rows(TABLE, version(ORDERS, facts=facts), found, lambda _: product))


def test_rows_that_are_all_accounted_for_are_no_problem() -> None:
    assert rows() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"found": []},
        {"found": [BAD, BAD]},
        {"found": [msgspec.structs.replace(BAD, row=1)]},
        {"found": [msgspec.structs.replace(BAD, code="pattern")]},
        {"facts": '{"rows": 3, "valid": 3, "rejected": 0}'},
        {"product": b"id\r\n1\r\n"},
    ],
)
def test_row_that_is_lost_or_wrongly_judged_is_a_problem(wrong: dict[str, Any]) -> None:
    assert len(rows(**wrong)) == 1


LOG = Log(b"", 4, {3: "malformed"})
LINE = QuarantinedLine(line=3, code=LineReason.MALFORMED, message="")


@pytest.mark.parametrize(
    ("facts", "found", "problems"),
    [
        ('{"lines": 4, "requests": 3}', [LINE], 0),
        ('{"lines": 4, "requests": 4}', [LINE], 1),
        ('{"lines": 4, "requests": 3}', [], 1),
        ('{"lines": 4, "requests": 3}', [LINE, LINE], 1),
        ('{"lines": 4, "requests": 3}', [msgspec.structs.replace(LINE, code=LineReason.BAD_TIME)], 1),
    ],
)
def test_line_that_is_neither_counted_nor_kept_is_a_problem(
    facts: str, found: list[QuarantinedLine], problems: int
) -> None:
    log = File(name="log", data=b"", kind="access_log", quarantined=("bad",))
    assert len(list(checks.check_lines(LOG, version(log, facts=facts), found))) == problems


def test_quarantine_is_read_whole() -> None:
    packed = gzip.compress(b"".join(msgspec.json.encode(each) + b"\n" for each in (BAD, BAD)))
    assert checks.bad_rows(version(ORDERS), lambda _: packed) == [BAD, BAD]


# --- totals and search ----------------------------------------------------------------------------------------------


def test_recount_takes_members_of_archives_in_and_folders_out() -> None:
    archive = File(name="in/a.zip", data=b"12345", kind="archive_zip")
    member = Shown(name="in/a.zip!/b", file=guide("b"), archive="in/a.zip")
    visible = [("in/a.zip", 5, "2026-11-26"), ("in/", 0, "2026-11-26"), ("torn", 1, "2026-11-25")]
    found = checks.recounted([*shown(archive, torn("torn")), member], visible)
    assert found == {
        "2026-11-26": {"in/": Totals(files=2, bytes=9, kinds={"archive_zip": 1, "pdf": 1})},
        "2026-11-25": {"": Totals(files=1, bytes=1, rejects=1, kinds={"pdf": 1})},
    }


def test_totals_that_differ_are_a_problem() -> None:
    one, two = Totals(files=1), Totals(files=2)
    wanted = {"2026-11-26": {"a/": one, "b/": one}}
    assert list(checks.check_totals(wanted, wanted)) == []
    found = texts(checks.check_totals(wanted, {"2026-11-26": {"a/": two, "c/": one}}))
    assert [each.split(":")[0] for each in found] == ["2026-11-26 'a/'", "2026-11-26 'b/'", "2026-11-26 'c/'"]


def results(**others: set[str]) -> dict[str, SearchResult]:
    return {query: result(others.get(query, names)) for query, names in SEARCHES.items()}


def result(names: set[str], more: int = 0) -> SearchResult:
    hits = [
        SearchHit(file_id="", name=name, kind="pdf", title=None, score=1, snippet="", highlights=()) for name in names
    ]
    return SearchResult(hits=tuple(hits), total=len(hits) + more, took_ms=1)


def test_search_that_finds_too_much_or_too_little_is_a_problem() -> None:
    assert list(checks.check_searches(results())) == []
    assert len(list(checks.check_searches(results(zeppelin=set(), funicular={"docs/draft.txt"})))) == 2
    assert len(list(checks.check_searches(results() | {"scree": result(set(), more=1)}))) == 1
