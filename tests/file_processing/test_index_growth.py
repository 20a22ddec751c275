"""What the index costs as it grows: bytes written, segments, and what deletes leave behind."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.file_processing.searching import World, disk

WORDS = [f"word{number}" for number in range(3_000)]


@pytest.fixture
def world() -> Iterator[World]:
    with disk() as root:
        yield World(root)


def text(dice: random.Random, length: int = 120) -> str:
    return " ".join(dice.choices(WORDS, [1 / (1 + rank) for rank in range(len(WORDS))], k=length))


def written(world: World) -> int:
    """Bytes of all files of the index that were ever written: none is swept here, since no time passes."""
    return sum(len(world.objects[key]) for key in world.files)


def test_bytes_written_for_a_file_grow_with_the_logarithm_of_the_index(world: World) -> None:
    """File by file, the worst that can be: each merge makes one segment of eight."""
    dice = random.Random(1)
    per_file: dict[int, float] = {}
    size = 0
    for number in range(1, 257):
        size = world.index(world.put(f"file{number}.txt", text(dice))).size.bytes
        if number in {32, 256}:
            per_file[number] = written(world) / number
    assert per_file[256] < 1.6 * per_file[32], "eight times as many files, and one more merge of each"
    assert written(world) < 7 * size


def test_there_are_few_segments_however_many_files(world: World) -> None:
    dice = random.Random(2)
    most = 0
    for number in range(300):
        most = max(most, world.index(world.put(f"file{number}.txt", text(dice, 20))).size.segments)
    assert most <= 20
    assert len(world.names("name:file")) == 300


def test_each_object_is_written_once_and_never_changed(world: World) -> None:
    seen: dict[str, bytes] = {}
    for number in range(30):
        world.index(world.put(f"file{number % 7}.txt", f"version {number}"))
        files = {key: world.objects[key] for key in world.files}
        assert all(files[key] == content for key, content in seen.items())
        seen = files


def test_what_was_deleted_is_not_found_before_nor_after_a_merge_and_its_text_is_gone_with_it(world: World) -> None:
    world.index(*(world.put(f"secret{number}.txt", "topsecret") for number in range(3)))
    world.index(world.remove("secret0.txt"), world.remove("secret1.txt"))
    assert world.names("topsecret") == ["secret2.txt"]
    for number in range(8):
        world.index(world.put(f"file{number}.txt", "harmless"))
    assert len(world.manifest.segments) == 1 + 1, "all but the last are merged"
    assert world.names("topsecret") == ["secret2.txt"]
    world.index(world.remove("secret2.txt"))
    assert world.names("topsecret") == []


def test_a_segment_of_which_nothing_is_left_goes(world: World) -> None:
    ids = [world.put(f"file{number}.txt", "some") for number in range(5)]
    world.index(*ids)
    outcome = world.index(*(world.remove(f"file{number}.txt") for number in range(5)))
    assert (outcome.size.segments, outcome.size.bytes, outcome.removed) == (0, 0, 5)


def test_a_file_that_is_replaced_often_leaves_little_behind(world: World) -> None:
    dice = random.Random(3)
    once = world.index(world.put("same.txt", text(dice))).size
    for _ in range(60):
        size = world.index(world.put("same.txt", text(dice))).size
    assert size.segments <= 8
    assert size.bytes < 10 * once.bytes
