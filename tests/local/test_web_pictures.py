"""Whether the demo of the web backend notices what is wrong with uploads and what becomes of them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import msgspec
import pytest
from PIL import Image as Pillow

from lambdas.web_backend.contract.models import Image, ImageStatus
from local.use_cases.clients import Reply, Transcript
from local.use_cases.image_processing.samples import PICTURES
from local.use_cases.web_backend import pictures
from local.use_cases.web_backend.pictures import Hung, Picture, uploaded
from tests.local.web import ANN, Gateway, Spoil, answered, changed, visit

ROOM = 32 * 1024 * 1024
REFUSED, TOO_LARGE, TAKEN = (Reply(status=status, headers={}, body=b"") for status in (403, 400, 204))
WIDTHS = (40, 20)


@dataclass
class Storage(Gateway):
    """Takes forms as Amazon S3 does, and has every picture ready at once, as CloudFront serves it."""

    lets: set[str] = field(default_factory=set)
    """What it should refuse, and does not."""
    taken: set[str] = field(default_factory=set)
    actual: int = WIDTHS[0]
    """Width of the larger rendition."""

    def _by_function(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        if method == "POST" and path == "/":
            return self._take(body, headers)
        if path.startswith("/renditions/"):
            return self._rendition(path)
        if path.startswith("/images/"):
            return self._image(path.removeprefix("/images/"), headers["authorization"].endswith(ANN))
        return super()._by_function(method, path, body, headers)

    def _take(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        if len(body) > ROOM and "size" not in self.lets:
            return TOO_LARGE
        form = message_from_bytes(b"content-type: " + headers["content-type"].encode() + b"\r\n\r\n" + body)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.walk()}
        values = {name: part.get_payload() for name, part in parts.items()}
        if values.get("Content-Type", "image/jpeg") != "image/jpeg" and "type" not in self.lets:
            return REFUSED
        if not str(values["key"]).startswith(f"users/{ANN}/") and "key" not in self.lets:
            return REFUSED
        assert parts["file"].get_payload(decode=True)
        assert list(parts)[-1] == "file"
        self.taken.add(str(values["key"]).rpartition("/")[2])
        return TAKEN

    def _rendition(self, path: str) -> Reply:
        width = int(re.findall(r"\d+", path)[-1])
        data = io.BytesIO()
        Pillow.new("RGB", (self.actual if width == WIDTHS[0] else width, 10)).save(data, "JPEG")
        return Reply(status=200, headers={}, body=data.getvalue())

    def _image(self, image_id: str, is_owner: bool) -> Reply:  # noqa: FBT001
        if not is_owner:
            return Reply(status=404, headers={}, body=b"")
        image = Image(image_id=image_id, status=ImageStatus.PENDING)
        if image_id in self.taken:
            paths = [f"/renditions/{width}" for width in WIDTHS]
            sources = ", ".join(f"{path} {width}w" for path, width in zip(paths, WIDTHS, strict=True))
            image = Image(
                image_id=image_id, status=ImageStatus.READY, width=40, height=10, src=paths[0],
                srcset={"image/jpeg": sources},
            )  # fmt: skip
        return Reply(status=200, headers={}, body=msgspec.json.encode(image))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Picture(title="Cat", tags=("cats",), data=(PICTURES / "chelsea.jpg").read_bytes())
    monkeypatch.setattr(pictures, "samples", lambda: iter([sample]))


def problems_of(storage: Storage, directory: Path, gallery: list[Hung] | None = None) -> list[str]:
    transcript = Transcript()
    with answered(storage):
        uploaded(visit(directory), transcript, [] if gallery is None else gallery)
    return transcript.problems


def test_a_picture_hangs_in_the_gallery_and_on_the_page(tmp_path: Path) -> None:
    gallery: list[Hung] = []
    transcript = Transcript()
    with answered(Storage()):
        shown = uploaded(visit(tmp_path), transcript, gallery)
    assert transcript.problems == []
    (hung,), (figure,) = gallery, shown.figures
    assert (hung.item.title, hung.item.tags) == ("Cat", ("cats",))
    assert hung.item.image_id
    with Pillow.open(tmp_path.parent / figure.file) as picture:
        assert picture.width == WIDTHS[0]


@pytest.mark.parametrize(
    ("lets", "problem"),
    [("type", "S3 refuses another type"), ("key", "S3 refuses another one's prefix"), ("size", "more than 33.6 MB")],
)
def test_a_form_that_lets_more_in_than_was_signed_is_noticed(lets: str, problem: str, tmp_path: Path) -> None:
    problems = problems_of(Storage(lets={lets}), tmp_path)
    assert any(problem in each for each in problems)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (changed(r"GET /renditions/.*", status=404), "/renditions/40 is answered 404"),
        (
            lambda _, reply: Reply(**{**vars_of(reply), "body": reply.body.replace(b'"src":"/r', b'"src":"/x')}),
            "srcset",
        ),
    ],
)
def test_a_rendition_that_is_not_served_is_noticed(spoil: Spoil, problem: str, tmp_path: Path) -> None:
    assert any(problem in each for each in problems_of(Storage(spoil=spoil), tmp_path))


def vars_of(reply: Reply) -> dict[str, object]:
    return {"status": reply.status, "headers": reply.headers, "body": reply.body}


def test_a_rendition_of_another_width_than_its_srcset_says_is_noticed(tmp_path: Path) -> None:
    assert "/renditions/40 is 41 wide, not 40w" in problems_of(Storage(actual=41), tmp_path)
