"""A world in which films take too long for a function, and a service that transcodes them in its own time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.file_processing import finish
from lambdas.file_processing.adapters.mediaconvert import request
from lambdas.file_processing.adapters.objects import S3Quarantine
from lambdas.file_processing.adapters.queues import SqsIndex, SqsLanes
from lambdas.file_processing.contract import Lane, quarantine_prefix
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.messages import Changed
from lambdas.file_processing.domain.catalog import Current, Version
from lambdas.file_processing.domain.processing import Head, Input, Job, Kind, Processed, Product
from lambdas.file_processing.runtime.lanes import LaneRuntime
from lambdas.file_processing.workflow.finishing import Finishing
from tests.events import mediaconvert
from tests.file_processing.fakes import INDEX, PRODUCTS, QUARANTINE, Stepped
from tests.file_processing.model import KINDS
from tests.file_processing.world import LANES, FailedError, World
from tests.support.schedule import Killed

TRANSCODE = LANES[Lane.TRANSCODE]
FILM = "inbox/film.mov"
_JOB = Job(heights={"360p": 360}, seconds=3_600, width=1920, height=1080, rotation=0, has_video=True, has_audio=True)


def _film(_: Input, output: Path, __: Limits) -> Processed:
    poster = output / "poster.jpg"
    poster.write_bytes(b"poster")
    return Processed(facts={"duration": 3_600}, products=(Product("poster.jpg", poster, "image/jpeg"),), job=_JOB)


def _is_film(head: Head) -> bool:
    return head.data.startswith(b"film:")


_KIND = Kind("film", "video/mp4", _is_film, order=10, lane=Lane.TRANSCODE, process=_film)


@dataclass
class Service:
    """MediaConvert: for one token it has one job, for a minute."""

    outside: Stepped
    jobs: dict[str, Any] = field(default_factory=dict)
    """Requests by job id."""

    def start(self, job: Job, source: str, destination: str, token: str) -> str:
        """As the adapter does."""
        asked = request(job, source, destination, token)
        same = [name for name, each in self.jobs.items() if each["ClientRequestToken"] == asked["ClientRequestToken"]]
        name = same[0] if same else f"job-{len(self.jobs) + 1}"
        self.outside.call("CreateJob", lambda _: self.jobs.update({name: asked}))
        return name

    def metadata(self, job: str) -> dict[str, str]:
        """That travels with a job."""
        found: dict[str, str] = self.jobs[job]["UserMetadata"]
        return found


class Studio:
    """What happens to a film."""

    def __init__(self) -> None:
        self.world = World()
        self.service = Service(self.world.outside)
        workflow = replace(self.world.lanes[TRANSCODE].workflow, jobs=self.service)
        self.world.lanes[TRANSCODE] = LaneRuntime(self.world.consumer(TRANSCODE), workflow)
        finishing = Finishing(
            catalog=self.world.catalog,
            products=self.world.products,
            quarantine=S3Quarantine(self.world.s3, QUARANTINE),
            lanes=SqsLanes(self.world.sqs, LANES),
            index=SqsIndex(self.world.sqs, INDEX),
        )
        self._runtime = finish.Runtime(self.world.observability, finishing, PRODUCTS)

    def upload(self, content: bytes = b"film:one") -> str:
        """A user uploads a film; its job is under way."""
        self.world.s3.upload(FILM, content)
        before = set(self.service.jobs)
        self.run()
        [job] = set(self.service.jobs) - before
        return job

    def run(self) -> None:
        """Everybody reads their queues until there is nothing more to read, but for the index."""
        while waiting := [name for name, queue in self.world.sqs.queues.items() if queue and name != INDEX]:
            body = self.world.sqs.queues[waiting[0]].pop(0)
            try:
                self.world.deliver(waiting[0], body)
            except FailedError:
                self.world.sqs.queues[waiting[0]].append(body)
            except Killed:
                self.world.sqs.queues[waiting[0]].append(body)
                raise

    def complete(self, job: str) -> dict[str, Any]:
        """The service writes its files and tells so."""
        [group] = self.service.jobs[job]["Settings"]["OutputGroups"]
        base = group["OutputGroupSettings"]["FileGroupSettings"]["Destination"]
        paths = [f"{base}{output['NameModifier']}.{output['Extension']}" for output in group["Outputs"]]
        for path in paths:
            self.world.s3.buckets[PRODUCTS][path.removeprefix(f"s3://{PRODUCTS}/")] = b"rendition"
        return mediaconvert.complete(job, self.service.metadata(job), paths)

    def failed(self, job: str) -> dict[str, Any]:
        """The service gives up."""
        return mediaconvert.error(job, self.service.metadata(job), 1040, "no video in it")

    def canceled(self, job: str) -> dict[str, Any]:
        """Somebody cancels it."""
        return mediaconvert.canceled(job, self.service.metadata(job))

    def tell(self, event: dict[str, Any]) -> None:
        """The real handler hears of it."""
        with patch.object(finish, "runtime", lambda: self._runtime):
            finish.handler(event, None)  # type: ignore[arg-type]

    def tell_until_heard(self, event: dict[str, Any]) -> None:
        """As EventBridge and Lambda do."""
        for _ in range(10):
            try:
                return self.tell(event)
            except UnavailableError:
                self.run()
        raise AssertionError("it never was")

    @property
    def state(self) -> Current:
        """Of the film."""
        [state] = self.world.states()
        return state

    @property
    def version(self) -> Version:
        """The newest one of the film."""
        return max(self.world.versions(), key=lambda each: each.generation)

    @property
    def products(self) -> set[str]:
        """Names of all that is in the products bucket, by the last part of their keys."""
        return {key.rpartition("/")[2] for key in self.world.s3.buckets[PRODUCTS]}

    @property
    def quarantined(self) -> dict[str, bytes]:
        """Of the version that is shown."""
        prefix = quarantine_prefix(self.state.file_id, self.state.generation or "")
        bucket = self.world.s3.buckets[QUARANTINE]
        return {key.removeprefix(prefix): data for key, data in bucket.items() if key.startswith(prefix)}

    @property
    def told(self) -> list[str]:
        """Files that the index has been told of."""
        return [msgspec.json.decode(body, type=Changed).file_id for body in self.world.sqs.queues[INDEX]]


@contextmanager
def studio() -> Iterator[Studio]:
    """In which films are a kind."""
    with patch.dict(KINDS, {"film": _KIND, **KINDS}, clear=True):  # before the one that claims everything
        yield Studio()
