"""What the arrivals queue may bring: S3's notifications as AWS documents them, members of archives, and rubbish."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from lambdas.file_processing.contract.messages import LAST_SEQUENCER, Member, MemberArrival
from lambdas.file_processing.contract.tables import file_id, prefix_of
from lambdas.file_processing.domain.arrivals import MEMBER_VERSION, Change, MalformedArrivalError, parse
from tests.events import s3

TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "amzn-s3-demo-bucket",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}
"""As it stands in "Event notification types and destinations" of the S3 User Guide."""

MEMBER = Member(
    change="created",
    bucket="products",
    key="products/1/2/members/000001",
    name="docs/a.zip!/b c.txt",
    file_id="f00d",
    sequencer="01" + "0" * 30,
    time="2026-11-26T12:00:00+00:00",
    depth=1,
    parent="1",
    prefix="docs/",
    root="1/2",
)


def body(name: str, key: str = "docs/red flower.pdf", **more: Any) -> str:
    return json.dumps(
        s3.notification(s3.record(name, "inbox", key, **{"sequencer": "00A1", "version_id": "v1"} | more))
    )


@pytest.mark.parametrize("name", ["ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload", "ObjectCreated:Copy"])
def test_a_creation_names_its_version(name: str) -> None:
    (arrival,) = parse(body(name))
    assert (arrival.change, arrival.version_id) == (Change.CREATED, "v1")


@pytest.mark.parametrize(
    "name",
    [
        "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated",
        "LifecycleExpiration:Delete",
        "LifecycleExpiration:DeleteMarkerCreated",
    ],
)
def test_a_removal_leaves_it_to_the_bucket_what_is_shown(name: str) -> None:
    (arrival,) = parse(body(name))
    assert (arrival.change, arrival.version_id) == (Change.REMOVED, None)


@pytest.mark.parametrize("key", ["docs/red flower.pdf", "docs/été+1.pdf", "docs/100%.pdf", "docs/a\nb"])
def test_keys_are_decoded(key: str) -> None:
    (arrival,) = parse(body("ObjectCreated:Put", key))
    assert (arrival.key, arrival.file_id, arrival.prefix) == (key, file_id("inbox", key), "docs/")


def test_sequencers_of_different_lengths_compare_as_s3_says() -> None:
    """Padded on the right, and hexadecimal digits in either case."""
    sequencers = ["0055AED6DCD9028157", "0055aed6dcd90281E5", "0055AED6DCD90281E51"]
    padded = [parse(body("ObjectCreated:Put", sequencer=each))[0].sequencer for each in sequencers]
    assert padded == sorted(padded)
    assert {len(each) for each in padded} == {32}


def test_every_record_of_a_notification_counts() -> None:
    records = [s3.record("ObjectCreated:Put", "inbox", key, sequencer="1", version_id="v") for key in "ab"]
    assert [each.key for each in parse(json.dumps(s3.notification(*records)))] == ["a", "b"]


def test_what_s3_sends_to_try_a_notification_means_nothing() -> None:
    assert parse(json.dumps(TEST_EVENT)) == []


def test_a_member_of_an_archive_is_a_file_of_its_own() -> None:
    (arrival,) = parse(msgspec.json.encode(MemberArrival(MEMBER)).decode())
    assert (arrival.change, arrival.version_id) == (Change.CREATED, MEMBER_VERSION)
    assert (arrival.name, arrival.file_id, arrival.prefix) == (MEMBER.name, "f00d", "docs/")
    assert (arrival.depth, arrival.parent, arrival.root, arrival.time) == (1, "1", "1/2", MEMBER.time)


def test_a_member_that_is_to_go_beats_all_that_was_before() -> None:
    removal = msgspec.structs.replace(MEMBER, change="removed", sequencer=LAST_SEQUENCER)
    (arrival,) = parse(msgspec.json.encode(MemberArrival(removal)).decode())
    assert (arrival.change, arrival.version_id) == (Change.REMOVED, None)
    assert arrival.sequencer > "F" * 31 + "E"


def without(name: str) -> str:
    record = s3.record("ObjectCreated:Put", "inbox", "a", sequencer="1", version_id="v")
    del record["s3"]["object"][name]
    return json.dumps(s3.notification(record))


MALFORMED = {
    "no JSON": "{",
    "no object": '"text"',
    "no records": "{}",
    "records that are none": '{"Records": []}',
    "a record that is none": '{"Records": [1]}',
    "an unversioned bucket": without("versionId"),
    "no sequencer": without("sequencer"),
    "no key": without("key"),
    "a sequencer that is no number": body("ObjectCreated:Put", sequencer="12G4"),
    "another event": body("ObjectRestore:Completed"),
    "a key that is no UTF-8": body("ObjectCreated:Put").replace("red+flower", "%FF"),
    "a member without a name": '{"member": {"change": "created"}}',
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_cannot_be_understood_is_refused(case: str) -> None:
    with pytest.raises(MalformedArrivalError):
        parse(MALFORMED[case])


def test_a_file_is_counted_under_its_first_folder() -> None:
    assert [prefix_of(each) for each in ("a.txt", "docs/a.txt", "docs/2026/a.txt", "/a")] == ["", "docs/", "docs/", "/"]


def test_a_prefix_is_never_longer_than_a_sort_key_may_be() -> None:
    assert len(prefix_of("é" * 511 + "/a").encode()) <= 1024 - len("#7")
