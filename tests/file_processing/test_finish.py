"""What MediaConvert has done completes the record of a file, once, and of what is shown alone."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.contract.tables import Status
from tests.events import mediaconvert
from tests.file_processing.studio import FILM, Studio, studio
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed


@pytest.fixture
def film() -> Iterator[Studio]:
    with studio() as made:
        yield made


def test_film_is_transcoding_until_its_job_has_ended(film: Studio) -> None:
    job = film.upload()
    assert (film.version.status, film.version.job) == (Status.TRANSCODING, job)
    assert film.told == []


def test_finished_job_makes_the_film_ready_with_all_its_products(film: Studio) -> None:
    film.tell(film.complete(film.upload()))
    version = film.version
    assert version.status is film.state.status is Status.READY
    assert {(each.name, each.content_type, each.bytes) for each in version.products} == {
        ("poster.jpg", "image/jpeg", 6),
        ("video-360p.mp4", "video/mp4", 9),
    }
    assert version.facts == '{"duration":3600}'
    assert film.told == [film.state.file_id]


@pytest.mark.parametrize(
    ("end", "reason"),
    [(Studio.failed, "no video in it (error 1040)"), (Studio.canceled, "was cancelled")],
    ids=["error", "cancelled"],
)
def test_job_that_fails_rejects_the_film_and_keeps_it(film: Studio, end: object, reason: str) -> None:
    job = film.upload()
    film.tell(end(film, job))  # type: ignore[operator]
    film.run()
    assert film.version.status is Status.REJECTED
    assert film.version.reason_code == "transcoding_failed"
    assert reason in (film.version.reason_message or "")
    assert film.quarantined["original"] == b"film:one"
    assert msgspec.json.decode(film.quarantined["reason.json"])["code"] == "transcoding_failed"
    assert film.products == set()
    assert film.told == [film.state.file_id]


def test_film_that_was_replaced_meanwhile_leaves_nothing_and_the_new_one_is_untouched(film: Studio) -> None:
    first = film.upload()
    film.upload(b"film:another")
    before = film.version
    film.tell(film.complete(first))
    film.run()
    assert film.version == before
    assert film.products == {"poster.jpg"}


def test_failure_of_a_film_that_was_replaced_meanwhile_rejects_nothing(film: Studio) -> None:
    first = film.upload()
    second = film.upload(b"film:another")
    film.tell(film.failed(first))
    film.tell(film.complete(second))
    assert film.version.status is Status.READY


def test_film_that_was_deleted_meanwhile_leaves_nothing(film: Studio) -> None:
    job = film.upload()
    film.world.s3.delete(FILM)
    film.run()
    film.tell(film.complete(job))
    film.run()
    assert film.state.status is Status.DELETED
    assert film.products == set()


def test_version_that_was_removed_for_good_cannot_be_kept_and_its_removal_settles_it(film: Studio) -> None:
    job = film.upload()
    film.world.s3.delete_version(FILM, 0)
    film.tell(film.failed(job))
    film.run()
    assert film.state.status is Status.DELETED
    assert film.products == set()


def test_end_that_comes_before_the_beginning_is_noted_is_heard_later(film: Studio) -> None:
    film.world.s3.upload(FILM, b"film:one")
    film.world.outside.decide = lambda call: Fault.KILL_AFTER if call == "CreateJob" else Fault.NONE
    with pytest.raises(Killed):
        film.run()
    film.world.outside.decide = lambda _: Fault.NONE
    event = film.complete("job-1")
    with pytest.raises(UnavailableError, match="job-1"):
        film.tell(event)
    film.run()
    film.tell(event)
    assert film.version.status is Status.READY


@pytest.mark.parametrize("end", [Studio.complete, Studio.failed])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.THROTTLED, Fault.NO_ANSWER])
def test_event_that_fails_at_any_call_is_heard_again_to_the_same_end(film: Studio, end: object, fault: Fault) -> None:
    event = end(film, film.upload())  # type: ignore[operator]
    calls = len(film.world.outside.calls)
    with studio() as other:
        other.tell(end(other, other.upload()))  # type: ignore[operator]
        other.run()
        steps = len(other.world.outside.calls) - calls
        expected = (other.version.status, other.products, other.quarantined)
    for step in range(steps):
        with studio() as again:
            event = end(again, again.upload())  # type: ignore[operator]
            _fail(again, event, step, fault)
            again.tell_until_heard(event)
            again.run()
            assert (again.version.status, again.products, again.quarantined) == expected
            assert again.told


def test_event_that_comes_twice_changes_nothing_more(film: Studio) -> None:
    event = film.complete(film.upload())
    film.tell(event)
    before = film.version
    film.tell(event)
    film.run()
    assert film.version == before
    assert film.products == {"poster.jpg", "video-360p.mp4"}


def test_late_failure_does_not_undo_a_film_that_is_ready(film: Studio) -> None:
    job = film.upload()
    film.tell(film.complete(job))
    film.tell(film.failed(job))
    film.run()
    assert film.version.status is Status.READY


@pytest.mark.parametrize(
    "metadata",
    [{}, {"token": "somebody/else", "destination": "s3://another-stack/products/somebody/else/"}, {"token": "x"}],
    ids=["without", "of-another-stack", "of-another-program"],
)
def test_jobs_of_others_in_the_account_are_left_alone(film: Studio, metadata: dict[str, str]) -> None:
    film.upload()
    calls = len(film.world.outside.calls)
    film.tell(mediaconvert.complete("1515368087458-qnoxtd", metadata, ["s3://amzn-s3-demo-bucket/file/file.mp4"]))
    assert len(film.world.outside.calls) == calls


def _fail(film: Studio, event: dict[str, object], step: int, fault: Fault) -> None:
    """The handler meets a fault at its call number ``step``; so does whoever comes after it, if it makes fewer."""
    count = iter(range(1_000))
    film.world.outside.decide = lambda _: fault if next(count) == step else Fault.NONE
    try:
        film.tell(event)
        film.run()
    except (Killed, UnavailableError):
        pass
    film.world.outside.decide = lambda _: Fault.NONE
