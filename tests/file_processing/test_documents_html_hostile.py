"""Pages made to fill memory or to run for ever: they end, soon, with the text that came before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lambdas.file_processing.contract.limits import DocumentLimits
from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import MB, read, ticking

MIB = 2**20
ALLOWED = 0.60 * 1769 * MIB  # of the construct's default memory
HANDLER = 40 * MIB  # boto3's clients and Powertools, which the domain alone does not load

SCRIPT = """
import re, resource, sys
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.documents.html import process
from lambdas.file_processing.domain.processing import Input

def peak():
    # ru_maxrss starts at the size of the parent process; where the kernel tells better, that is used.
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

with TemporaryDirectory() as folder:
    for size in map(int, sys.argv[1:]):
        path = Path(folder) / "page"
        with path.open("w") as page:
            page.write("<p ")
            for letters in islice(product(ascii_lowercase, repeat=5), size // 6):
                page.write("".join(letters) + " ")
            page.write(">shown")
        done = process(Input(path=path, name="page", kind="html", size=path.stat().st_size), Path(folder), Limits())
        assert done.facts["words"] == 1, done.facts
        print(peak())
"""


def test_a_tag_of_attributes_alone_fits_into_memory_up_to_the_limit() -> None:
    sizes = 3 * MIB, 6 * MIB
    command = [sys.executable, "-c", SCRIPT, *map(str, sizes)]
    answer = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[2], env={})
    small, large = map(int, answer.stdout.split())
    at_most = DocumentLimits().max_html_bytes
    assert small + (large - small) * (at_most - sizes[0]) / (sizes[1] - sizes[0]) + HANDLER < ALLOWED


def test_a_page_that_is_too_big_is_rejected_unread() -> None:
    with pytest.raises(Rejected, match=r"has 5 bytes, and of HTML at most 4 .* raise max_html_bytes") as rejection:
        read("html", b"<p>12", DocumentLimits(max_html_bytes=4))
    assert rejection.value.code == "document_too_big"


@pytest.mark.parametrize("tag", ["<div>", "<span>", "<font color=red>", "<svg><g>", "<ul><li>", "<x>", "<table><td>"])
def test_elements_without_end_end_the_text_at_a_limit(tag: str) -> None:
    document = read("html", b"<p>shown</p>" + tag.encode() * (2 * MB // len(tag)) + b"not shown")
    assert (document.text, document.facts["truncated_by"]) == ("shown", "max_depth")


def test_elements_that_end_are_not_deep() -> None:
    document = read("html", b"<div><p>word<br></div>" * 1_000, DocumentLimits(max_depth=5))
    assert (document.facts["words"], document.facts["truncated"]) == (1_000, False)


@pytest.mark.parametrize("piece", ["<p>", "<br>", " ", "<!---->", "</p>", "<p hidden>x</p>", "<i a=1>"])
def test_a_page_ends_when_the_time_is_up(piece: str) -> None:
    document = read("html", piece.encode() * (2 * MB // len(piece)), DocumentLimits(max_seconds=10), ticking(1))
    assert document.facts["truncated_by"] in {"max_seconds", "max_depth"}


@pytest.mark.parametrize(
    "page",
    [
        "<img src='{}'>shown",
        "<img src={}>shown",
        "<img {}>shown",
        "<{}>shown",
        "</{}>shown",
        "<!--{}-->shown",
        "<!DOCTYPE {}>shown",
        "<?{}?>shown",
        "<script>{}</script>shown",
    ],
)
def test_megabytes_within_a_tag_are_passed_over(page: str) -> None:
    assert read("html", page.format("x" * (12 * MB)).encode()).text == "shown"


@pytest.mark.parametrize("attribute", ["a", "a{}", "a{}='x'"])
def test_a_tag_may_have_any_number_of_attributes(attribute: str) -> None:
    attributes = " ".join(attribute.format(number) for number in range(200_000))
    assert read("html", f"<p {attributes} hidden>x</p>shown".encode()).text == "shown"


def test_what_is_left_open_in_markdown_ends_with_its_piece() -> None:
    source = "<script a\n\n" + "word\n\n" * 50_000
    assert read("markdown", source.encode()).text.endswith("word")
