"""Jobs for AWS Elemental MediaConvert are ones that the service takes, and make what the function would have made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.stub import ANY, Stubber
from botocore.validate import ParamValidator

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.mediaconvert import MediaConvertJobs, request
from lambdas.file_processing.domain.processing import Job, Rejected

FILE = "0123456789abcdef0123456789abcdef"
TOKEN = f"{FILE}/00000000000000000065a0b1c2d3e4f5-0123456789abcdef"
SOURCE = "s3://inbox/films/a film.mov"
DESTINATION = f"s3://products/products/{TOKEN}/"
ROLE = "arn:aws:iam::123456789012:role/jobs"
QUEUE = "arn:aws:mediaconvert:eu-west-1:123456789012:queues/reserved"
PHONE = Job(
    heights={"360p": 360, "720p": 720},
    seconds=3_600,
    width=1080,
    height=1920,
    rotation=90,
    has_video=True,
    has_audio=True,
)
JOBS = {
    "phone": PHONE,
    "silent": replace(PHONE, has_audio=False),
    "hdr": replace(PHONE, is_hdr=True),
    "tiny": replace(PHONE, heights={"360p": 360}, width=20, height=10, rotation=0),
}


@pytest.fixture(scope="module")
def shape() -> Any:
    """What CreateJob takes, as botocore knows it."""
    return botocore.session.get_session().get_service_model("mediaconvert").operation_model("CreateJob").input_shape


def _wrong(value: Any, shape: Any, path: str) -> Iterator[str]:
    """What the validator of botocore does not look at: names of choices, bounds of numbers, patterns."""
    match shape.type_name:
        case "structure":
            for name, each in value.items():
                yield from _wrong(each, shape.members[name], f"{path}.{name}")
        case "list":
            for each in value:
                yield from _wrong(each, shape.member, f"{path}[]")
        case "string" if shape.enum and value not in shape.enum:
            yield f"{path}: {value} is none of {shape.enum}"
        case "string" if "pattern" in shape.metadata and not re.search(shape.metadata["pattern"], value):
            yield f"{path}: {value} does not match {shape.metadata['pattern']}"
        case "integer" if not shape.metadata.get("min", value) <= value <= shape.metadata.get("max", value):
            yield f"{path}: {value} is out of bounds"


@pytest.mark.parametrize("name", JOBS)
def test_service_knows_every_setting_and_its_value(shape: Any, name: str) -> None:
    asked = {**request(JOBS[name], SOURCE, DESTINATION, TOKEN), "Role": ROLE, "Queue": QUEUE}
    assert not ParamValidator().validate(asked, shape).has_errors()
    assert list(_wrong(asked, shape, "CreateJob")) == []


def _outputs(job: Job) -> Any:
    [group] = request(job, SOURCE, DESTINATION, TOKEN)["Settings"]["OutputGroups"]
    return group["Outputs"]


def test_renditions_have_the_names_of_those_that_the_function_makes() -> None:
    [group] = request(PHONE, SOURCE, DESTINATION, TOKEN)["Settings"]["OutputGroups"]
    base = group["OutputGroupSettings"]["FileGroupSettings"]["Destination"]
    written = {f"{base}{output['NameModifier']}.{output['Extension']}" for output in group["Outputs"]}
    assert written == {f"{DESTINATION}video-360p.mp4", f"{DESTINATION}video-720p.mp4"}


def test_renditions_have_the_sizes_of_those_that_the_function_makes() -> None:
    videos = [output["VideoDescription"] for output in _outputs(PHONE)]
    assert [(video["Width"], video["Height"]) for video in videos] == [(360, 640), (720, 1280)]


def test_nothing_is_scaled_up() -> None:
    [output] = _outputs(replace(PHONE, heights={"360p": 360}, width=320, height=180, rotation=0))
    assert (output["VideoDescription"]["Width"], output["VideoDescription"]["Height"]) == (320, 180)


def test_pixels_become_square() -> None:
    settings = _outputs(PHONE)[0]["VideoDescription"]["CodecSettings"]["H264Settings"]
    assert (settings["ParControl"], settings["ParNumerator"], settings["ParDenominator"]) == ("SPECIFIED", 1, 1)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_video_is_turned_as_far_as_was_seen(rotation: int) -> None:
    [given] = request(replace(PHONE, rotation=rotation), SOURCE, DESTINATION, TOKEN)["Settings"]["Inputs"]
    assert re.fullmatch(rf"DEGREES?_{rotation}", given["VideoSelector"]["Rotate"])


def test_index_stands_before_the_data() -> None:
    for output in _outputs(PHONE):
        assert output["ContainerSettings"]["Mp4Settings"]["MoovPlacement"] == "PROGRESSIVE_DOWNLOAD"


def test_silent_video_is_not_asked_for_sound() -> None:
    asked = str(request(JOBS["silent"], SOURCE, DESTINATION, TOKEN))
    assert "Audio" not in asked


def test_high_dynamic_range_is_brought_down() -> None:
    assert "FORCE_709" in str(_outputs(JOBS["hdr"]))
    assert "FORCE_709" not in str(_outputs(PHONE))


def test_token_of_a_request_has_the_length_that_is_taken_and_is_the_same_again() -> None:
    """A token "can be any string that includes up to 64 ASCII characters"."""
    first, second = (request(PHONE, SOURCE, DESTINATION, TOKEN)["ClientRequestToken"] for _ in range(2))
    assert first == second
    assert len(first) <= 64
    assert request(PHONE, SOURCE, DESTINATION, f"{TOKEN}0")["ClientRequestToken"] != first


@pytest.fixture
def service() -> Iterator[tuple[Any, Stubber]]:
    """MediaConvert as botocore knows it."""
    client = boto3.client("mediaconvert", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield client, stubber


def test_account_has_no_endpoint_of_its_own(service: tuple[Any, Stubber]) -> None:
    assert service[0].meta.endpoint_url == "https://mediaconvert.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("queue", ["", QUEUE])
def test_job_is_started_in_the_queue_and_its_id_told(service: tuple[Any, Stubber], queue: str) -> None:
    client, stubber = service
    answer = {"Job": {"Id": "1515368087458-qnoxtd", "Role": ROLE, "Settings": {}}}
    given = dict.fromkeys(("ClientRequestToken", "UserMetadata", "StatusUpdateInterval", "Settings"), ANY)
    stubber.add_response("create_job", answer, {**given, "Role": ROLE, **({"Queue": queue} if queue else {})})
    assert MediaConvertJobs(client, ROLE, queue).start(PHONE, SOURCE, DESTINATION, TOKEN) == "1515368087458-qnoxtd"


def test_job_that_the_service_does_not_take_is_rejected(service: tuple[Any, Stubber]) -> None:
    client, stubber = service
    stubber.add_client_error("create_job", "BadRequestException", "/inputs/0: no such thing", 400)
    with pytest.raises(Rejected, match="no such thing") as rejected:
        MediaConvertJobs(client, ROLE, "").start(PHONE, SOURCE, DESTINATION, TOKEN)
    assert rejected.value.code == "job_refused"


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "ConflictException", "InternalServerErrorException", "ForbiddenException"]
)
def test_job_that_the_service_cannot_take_now_is_tried_again(service: tuple[Any, Stubber], code: str) -> None:
    client, stubber = service
    for _ in range(10):  # botocore tries some of them again itself
        stubber.add_client_error("create_job", code)
    with pytest.raises(UnavailableError):
        MediaConvertJobs(client, ROLE, "").start(PHONE, SOURCE, DESTINATION, TOKEN)
