"""What people find: words, phrases, names, accents, snippets, and whatever else somebody may type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.file_processing.contract.tables import Status
from tests.file_processing.searching import World, disk


@pytest.fixture
def world() -> Iterator[World]:
    with disk() as root:
        yield World(root)


@pytest.fixture(scope="module")
def library() -> Iterator[World]:
    """Files that no test changes."""
    with disk() as root:
        world = World(root)
        world.index(
            world.put("reports/2026/annual_report.pdf", "The annual cash flow grew. Cash is king.", title="Harvest"),
            world.put("reports/2025/annual-report.pdf", "A flow of cash, annually"),
            world.put("menus/Café Müller.txt", "Crème brûlée and a café au lait"),
            world.put("pictures/holiday.mp4", None, status=Status.READY),
            world.put("notes.txt", "C++ at 10:30, costs 5€; see foo:bar AND [this TO that] /regex/ ~2 ^3 well-known"),
        )
        yield world


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("king", {"reports/2026/annual_report.pdf"}),
        ("KING", {"reports/2026/annual_report.pdf"}),
        ("cafe creme", {"menus/Café Müller.txt"}),
        ("CRÈME", {"menus/Café Müller.txt"}),
        ('"cash flow"', {"reports/2026/annual_report.pdf"}),
        ('"flow cash"', set()),
        ('"cash flow', {"reports/2026/annual_report.pdf"}),
        ("cash -king", {"reports/2025/annual-report.pdf"}),
        ('cash -"cash flow"', {"reports/2025/annual-report.pdf"}),
        ("cash -name:2025", {"reports/2026/annual_report.pdf"}),
        ("harvest", {"reports/2026/annual_report.pdf"}),
        ("holiday", {"pictures/holiday.mp4"}),
        ("name:holi", {"pictures/holiday.mp4"}),
        ("name:reports/20", {"reports/2026/annual_report.pdf", "reports/2025/annual-report.pdf"}),
        ("name:report.p", {"reports/2026/annual_report.pdf", "reports/2025/annual-report.pdf"}),
        ('name:"2026 annual"', {"reports/2026/annual_report.pdf"}),
        ("name:king", set()),
        ("well-known", {"notes.txt"}),
        ("known-well", set()),
        ("foo:bar", {"notes.txt"}),
        ("10:30", {"notes.txt"}),
        ("c++", {"notes.txt"}),
        ("nothing-like-it", set()),
        ("", set()),
        ("!!! -", set()),
    ],
)
def test_a_query_finds(library: World, query: str, found: set[str]) -> None:
    assert set(library.names(query)) == found


def test_without_a_word_there_is_all_the_rest(library: World) -> None:
    assert sorted(library.names("-annual -annually")) == ["menus/Café Müller.txt", "notes.txt", "pictures/holiday.mp4"]


def test_files_with_all_words_come_before_those_with_one_that_is_rare_and_many_times_in_it(world: World) -> None:
    world.index(
        world.put("a.txt", "rare " * 50),
        world.put("b.txt", "rare common and a great many more words of which nobody knows what they are for"),
        *(world.put(f"{number}.txt", "common") for number in range(8)),
    )
    assert world.names("rare common")[:2] == ["b.txt", "a.txt"]


def test_a_word_in_a_name_weighs_more_than_the_same_in_a_text(world: World) -> None:
    world.index(world.put("other.txt", "budget"))
    world.index(world.put("budget.txt", "other"))
    assert world.names("budget") == ["budget.txt", "other.txt"]


def test_more_than_fifty_words_of_names_may_begin_so(world: World) -> None:
    world.index(*(world.put(f"invoice{number}.txt") for number in range(120)))
    assert world.search("name:invoice", 1).total == 120


def test_any_number_of_words_of_names_may_begin_as_the_last_of_a_phrase_does(world: World) -> None:
    """tantivy itself gives up at 16,384."""
    numbers = [f"img{number:05}" for number in range(17_000)]
    names = [f"holiday {' '.join(numbers[at : at + 100])}" for at in range(0, len(numbers), 100)]
    world.index(*map(world.put, [*names, "img00000 at work"]))
    assert world.search('name:"holiday img"', 1).total == 170


def test_characters_that_become_several_mean_nothing_more_than_that(world: World) -> None:
    """Without its accent, so to say, the first of them is three: ``(1)``."""
    world.index(world.put("⑴ first.txt"), world.put("100 first.txt"))
    assert world.names("name:⑴") == ["⑴ first.txt"]
    assert world.names('name:"⑴ fir"') == ["⑴ first.txt"]


def test_the_snippet_is_text_around_what_was_found_with_places_in_code_points(world: World) -> None:
    world.index(
        world.put("long.txt", "früher " * 200 + "<b>Der Schlüßel</b> 𝄞 liegt unter der Matte" + " später" * 200)
    )
    [hit] = world.search("schlussel matte").hits
    marked = [hit.snippet[start:end] for start, end in hit.highlights]
    assert marked == ["Schlüßel", "Matte"]
    assert len(hit.snippet) <= 200


def test_a_file_found_by_its_name_shows_the_beginning_of_its_text(library: World) -> None:
    [hit] = library.search("name:müller").hits
    assert (hit.snippet, hit.highlights) == ("Crème brûlée and a café au lait", [])


def test_a_hit_tells_what_the_catalog_knows(library: World) -> None:
    [hit] = library.search("king").hits
    assert (hit.name, hit.kind, hit.title) == ("reports/2026/annual_report.pdf", "text", "Harvest")
    assert hit.score > 0


def test_the_limit_is_of_hits_and_not_of_the_total(library: World) -> None:
    found = library.search("annual cash flow", 1)
    assert (len(found.hits), found.total) == (1, 2)


def test_nothing_is_found_before_anything_was_indexed(world: World) -> None:
    assert world.names("anything") == []


def test_rejected_files_are_not_found_and_files_without_text_are_by_their_names(world: World) -> None:
    world.index(
        world.put("bad.txt", "words", status=Status.REJECTED),
        world.put("picture.png", None, status=Status.CATALOGUED),
        world.put("film.mp4", None, status=Status.TRANSCODING),
    )
    assert (world.names("words"), world.names("name:bad")) == ([], [])
    assert (world.names("picture"), world.names("film")) == (["picture.png"], ["film.mp4"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=60) | st.text('ab "-:*()[]{}^~\\/.+name', max_size=40))
def test_no_text_is_too_odd_to_be_searched_for(library: World, query: str) -> None:
    found = library.search(query, 3)
    assert len(found.hits) == min(found.total, 3)
    assert all(0 <= start < end <= len(hit.snippet) for hit in found.hits for start, end in hit.highlights)


def test_words_beyond_the_limit_of_a_document_are_not_found_and_those_before_are(world: World) -> None:
    writer = world.new_writer(max_text_bytes=20)
    writer.agree([world.put("long.txt", "first ééééééé last")])
    assert (world.names("first"), world.names("last")) == (["long.txt"], [])


def test_a_full_index_takes_names_still_and_texts_again_when_it_may_grow(world: World) -> None:
    world.index(world.put("old.txt", "words of old"))
    full = world.new_writer(max_bytes=1)
    outcome = full.agree([world.put("new.txt", "words anew"), world.put("old.txt", "words replaced")])
    assert len(outcome.without_text) == 2
    assert (world.names("words"), sorted(world.names("txt"))) == ([], ["new.txt", "old.txt"])
    assert world.index(*world.catalog.states).without_text == []
    assert sorted(world.names("words")) == ["new.txt", "old.txt"]


def test_a_text_that_somebody_deleted_does_not_hold_up_the_others(world: World) -> None:
    lost, kept = world.put("lost.txt", "words"), world.put("kept.txt", "words")
    for key in [each for each in world.objects if lost in each]:
        del world.objects[key]
    assert world.index(lost, kept).without_text == [lost]
    assert (world.names("words"), world.names("lost")) == (["kept.txt"], ["lost.txt"])
