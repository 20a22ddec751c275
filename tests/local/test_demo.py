"""What `make demo` tells and leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest

from local import demo as demos
from local.cloud import Cloud
from local.demo import demo
from local.environment import Workplace
from local.errors import LocalCloudError
from local.journal import Journal
from local.page import render
from local.report import Result
from local.use_cases.outcome import Card, Figure, Listing, Medium, Outcome, UseCase

HOSTILE = "<script>alert('x')</script>\"&"


def works(_: Cloud, directory: Path) -> Outcome:
    (directory / "a.png").write_bytes(b"picture")
    figure = Figure(title="Original", alt="A picture", file=f"{directory.name}/a.png", facts=("7 B",))
    card = Card(title="Picture", status="ready", good=True, facts=(("Key", "a.png"),), figures=(figure,))
    return Outcome(input="1 picture", output="1 rendition", cards=(card,))


def breaks(_: Cloud, __: Path) -> Outcome:
    raise ZeroDivisionError("by design")


def goes_wrong(_: Cloud, __: Path) -> Outcome:
    return Outcome(input="2 pictures", output="1 rendition", problems=("a.png: too small", "b.png: too big"))


def use_case(name: str, run: object) -> UseCase:
    return UseCase(name=name, title=name.upper(), run=run, example=lambda _: "")  # type: ignore[arg-type]


@pytest.fixture
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloud that everything can be deployed to."""

    @contextmanager
    def laptop_cloud(journal: Journal) -> Iterator[Cloud]:
        cloud = Cloud(Workplace(4999), journal)
        cloud.deploy = lambda *_, **__: None  # type: ignore[method-assign]
        with journal.phase("deploy"):
            pass
        yield cloud

    monkeypatch.setattr(demos, "laptop_cloud", laptop_cloud)


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def laptop_cloud(journal: Journal) -> Iterator[Cloud]:  # noqa: ARG001
        raise LocalCloudError("cdk synth ended with exit code 1.")
        yield

    monkeypatch.setattr(demos, "laptop_cloud", laptop_cloud)


@pytest.mark.usefixtures("reachable")
def test_it_succeeds_and_reports_what_went_in_and_came_out(tmp_path: Path) -> None:
    assert demo([use_case("one", works)], tmp_path / "demo") == 0
    (entry,) = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert entry.pop("seconds") >= 0
    assert entry == {"use_case": "one", "ok": True, "input": "1 picture", "output": "1 rendition", "error": None}


@pytest.mark.usefixtures("reachable")
def test_a_use_case_that_breaks_fails_the_demo_but_not_the_others(tmp_path: Path) -> None:
    assert demo([use_case("one", breaks), use_case("two", works)], tmp_path / "demo") == 1
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert [(entry["use_case"], entry["ok"]) for entry in report] == [("one", False), ("two", True)]
    assert report[0]["error"] == "ZeroDivisionError: by design"


@pytest.mark.usefixtures("reachable")
def test_wrong_output_fails_the_demo_and_every_problem_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo([use_case("one", goes_wrong)], tmp_path / "demo") == 1
    (entry,) = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert (entry["ok"], entry["input"]) == (False, "2 pictures")
    assert entry["error"] == "a.png: too small\nb.png: too big"
    assert "b.png: too big" in capsys.readouterr().out


@pytest.mark.usefixtures("unreachable")
def test_a_failed_deployment_fails_every_use_case_with_its_reason(tmp_path: Path) -> None:
    assert demo([use_case("one", works), use_case("two", works)], tmp_path / "demo") == 1
    report = json.loads((tmp_path / "demo" / "report.json").read_text())
    assert {entry["error"] for entry in report} == {"cdk synth ended with exit code 1."}
    assert (tmp_path / "demo" / "index.html").exists()


@pytest.mark.usefixtures("reachable")
def test_the_table_and_the_times_are_readable_without_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo([use_case("one", works)], tmp_path / "demo")
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines()]
    assert ["one", "…"] in lines
    assert any(line[:3] == ["one:", "done", "in"] for line in lines)
    assert "\x1b" not in shown
    assert "1 rendition" in shown
    assert "Where the time went" in shown


@pytest.mark.usefixtures("reachable")
def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    leftover = tmp_path / "demo" / "old.png"
    leftover.parent.mkdir()
    leftover.touch()
    demo([use_case("one", works)], tmp_path / "demo")
    assert not leftover.exists()


class Page(HTMLParser):
    """The tags of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.tags if each == tag]


@pytest.mark.usefixtures("reachable")
def test_every_picture_on_the_page_exists_and_has_a_description(tmp_path: Path) -> None:
    demo([use_case("one", works)], tmp_path / "demo")
    page = Page((tmp_path / "demo" / "index.html").read_text())
    images = page.all("img")
    assert images
    for image in images:
        assert image["alt"]
        assert (tmp_path / "demo" / str(image["src"])).is_file()
    assert not page.all("script")
    assert not page.all("link")


def test_values_cannot_break_out_of_the_page() -> None:
    figure = Figure(title=HOSTILE, alt=HOSTILE, file=HOSTILE, facts=(HOSTILE,))
    listing = Listing(title=HOSTILE, heads=(HOSTILE,), rows=((HOSTILE,),), code=HOSTILE)
    card = Card(
        title=HOSTILE,
        status=HOSTILE,
        good=False,
        facts=((HOSTILE, HOSTILE),),
        figures=(figure,),
        listings=(listing,),
    )
    result = Result(use_case="x", title=HOSTILE, seconds=1, input=HOSTILE, output=HOSTILE, error=HOSTILE, cards=(card,))
    journal = Journal()
    with journal.phase(HOSTILE):
        pass
    page = Page(render([result], journal.phases))
    assert not page.all("script")
    assert page.all("img")[0]["alt"] == HOSTILE
    assert page.all("img")[0]["src"] == HOSTILE
    assert page.text.count(HOSTILE) == 16


def test_charts_get_the_room_of_something_to_be_read() -> None:
    figure = Figure(title="Chart", alt="Chart", file="a.svg", chart=True)
    card = Card(title="Card", status="ok", good=True, figures=(figure,))
    page = Page(render([Result(use_case="a", title="A", seconds=1, cards=(card,))], []))
    assert [each["class"] for each in page.all("div") if each["class"] in {"charts", "strip"}] == ["charts"]


def test_pictures_stay_small_beside_what_is_to_be_read() -> None:
    picture = Figure(title="Picture", alt="Picture", file="a.jpg")
    listing = Listing(title="Listing", heads=("A",), rows=(("1",),), whole=True)
    card = Card(title="Card", status="ok", good=True, figures=(picture,), listings=(listing,))
    page = Page(render([Result(use_case="a", title="A", seconds=1, cards=(card,))], []))
    kinds = [each.get("class") for tag, each in page.tags if tag in {"div", "figure", "section"}]
    assert kinds[kinds.index("strip") :][:4] == ["strip", None, "charts", "listing whole"]


def shown(*figures: Figure) -> Page:
    card = Card(title="Card", status="ok", good=True, figures=figures)
    return Page(render([Result(use_case="a", title="A", seconds=1, cards=(card,))], []))


def test_a_video_can_be_played_and_shows_its_poster_until_then() -> None:
    page = shown(Figure(title="Clip", alt="A clip", file="a/a.mp4", medium=Medium.VIDEO, poster="a/a.jpg"))
    (video,) = page.all("video")
    assert (video["src"], video["poster"], video["aria-label"]) == ("a/a.mp4", "a/a.jpg", "A clip")
    assert "controls" in video


def test_a_sound_can_be_played() -> None:
    (audio,) = shown(Figure(title="Tune", alt="A tune", file="a/a.m4a", medium=Medium.AUDIO)).all("audio")
    assert (audio["src"], audio["aria-label"]) == ("a/a.m4a", "A tune")
    assert "controls" in audio


def test_what_is_played_is_no_link_that_leaves_the_page() -> None:
    media = [Figure(title="A", alt="A", file="a", medium=each) for each in (Medium.VIDEO, Medium.AUDIO)]
    assert shown(*media).all("a") == []


def test_what_is_played_gets_more_room_than_pictures() -> None:
    page = shown(Figure(title="Clip", alt="A clip", file="a.mp4", medium=Medium.VIDEO))
    assert [each["class"] for each in page.all("div") if each["class"] in {"charts", "strip"}] == ["charts"]


@pytest.mark.parametrize("medium", [Medium.VIDEO, Medium.AUDIO])
def test_media_cannot_break_out_of_the_page(medium: Medium) -> None:
    page = shown(Figure(title=HOSTILE, alt=HOSTILE, file=HOSTILE, medium=medium, poster=HOSTILE))
    (player,) = page.all(medium.value)
    assert {player["src"], player["aria-label"], player.get("poster", HOSTILE)} == {HOSTILE}
    assert not page.all("script")


def test_columns_of_numbers_are_told_from_others() -> None:
    listing = Listing(title="Sold", heads=("What", "Pieces"), rows=(("bread", "3"), ("salt", "12")), numbers=(1,))
    page = Page(
        render(
            [
                Result(
                    use_case="a",
                    title="A",
                    seconds=1,
                    cards=(Card(title="Card", status="ok", good=True, listings=(listing,)),),
                )
            ],
            [],
        )
    )
    assert [each.get("class") for each in page.all("td")][-4:] == [None, "number", None, "number"]


def test_the_page_says_what_failed() -> None:
    results = [Result(use_case="a", title="A", seconds=1), Result(use_case="b", title="B", seconds=1, error="broken")]
    page = render(results, [])
    assert "<h1>1 of 2 use cases failed</h1>" in page
    assert "<h1>Every use case works</h1>" in render(results[:1], [])
