"""Every sample through the deployed stack, a few at a time."""

from __future__ import annotations

import itertools
import os
import shlex
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.tables.pictures.layout import RENDITIONS_PREFIX, Status
from local.cloud import Cloud, Outputs
from local.environment import ROOT
from local.use_cases.image_processing.checks import check_ready, check_rejected
from local.use_cases.image_processing.gallery import Gallery
from local.use_cases.image_processing.samples import PICTURES, Sample, samples
from local.use_cases.image_processing.store import STACK, Store
from local.use_cases.outcome import Card, Outcome, UseCaseError

_PATIENCE_SECONDS = 30
_GLANCE_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What became of a sample."""

    sample: Sample
    card: Card
    renditions: int = 0
    problem: str = ""


Journey = Generator[None, None, Ending]
"""Goes on each time it is resumed, and yields while it waits."""


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Uploads, replaces and deletes the samples, and checks catalog, renditions and quarantine."""
    store, gallery = Store.of(cloud), Gallery(directory)
    drawn = list(samples())  # now rather than in between, where drawing would look like waiting
    endings = _travel((_journey(store, gallery, sample) for sample in drawn), at_a_time=os.cpu_count() or 1)
    good = [each.sample.status for each in endings if not each.problem]
    return Outcome(
        input=f"{len(endings)} uploads, {sum(len(each.sample.data) for each in endings) / 1e6:.1f} MB",
        output=f"{sum(each.renditions for each in endings)} renditions of {good.count(Status.READY)} pictures, "
        f"{good.count(Status.REJECTED)} quarantined, {good.count(Status.DELETED)} deleted",
        problems=tuple(each.problem for each in endings if each.problem),
        cards=tuple(each.card for each in endings),
    )


def _travel(journeys: Iterable[Journey], at_a_time: int) -> list[Ending]:
    """Resumes the journeys in turn, a few of them under way at once, as more would only wait for a processor."""
    coming = enumerate(journeys)
    under_way: dict[int, Journey] = {}
    endings: dict[int, Ending] = {}
    while True:
        under_way |= dict(itertools.islice(coming, at_a_time - len(under_way)))
        if not under_way:
            return [endings[number] for number in sorted(endings)]
        for number, journey in list(under_way.items()):
            try:
                next(journey)
            except StopIteration as end:
                endings[number] = end.value
                del under_way[number]
        time.sleep(_GLANCE_SECONDS)


def _journey(store: Store, gallery: Gallery, sample: Sample) -> Journey:
    """One sample to its ending; what goes wrong with it does not keep the others."""
    try:
        return (yield from _to_the_end(store, gallery, sample))
    except (UseCaseError, ClientError, BotoCoreError, OSError) as error:
        return Ending(sample=sample, card=gallery.wrong(sample, error), problem=f"{sample.title}: {error}")


def _to_the_end(store: Store, gallery: Gallery, sample: Sample) -> Journey:
    started = time.perf_counter()
    if sample.earlier:
        yield from _uploaded(store, sample.key, sample.earlier)
    yield from _uploaded(store, sample.key, sample.data)
    if sample.deleted:
        store.s3.delete_object(Bucket=store.uploads, Key=sample.key)
        yield from _until(lambda: store.entry(sample.key)["status"] == Status.DELETED, "the catalog to say deleted")
    seconds = time.perf_counter() - started
    entry = store.entry(sample.key)
    if entry["status"] != sample.status:
        raise UseCaseError(f"{entry['status']} ({entry.get('reason_message', 'no reason')}) instead of {sample.status}")
    if sample.reason:
        yield from _nothing_else(store, sample, set())
        reason = check_rejected(store, sample, entry)
        return Ending(sample=sample, card=gallery.rejected(sample, reason, seconds))
    if sample.deleted:
        yield from _nothing_else(store, sample, set())
        return Ending(sample=sample, card=gallery.deleted(sample, seconds))
    rendered = check_ready(store, sample, entry)
    yield from _nothing_else(store, sample, {*rendered.files, entry["manifest_key"]})
    return Ending(sample=sample, card=gallery.ready(sample, rendered, seconds), renditions=len(rendered.files))


def _uploaded(store: Store, key: str, data: bytes) -> Generator[None]:
    version = store.upload(key, data)
    yield from _until(lambda: store.entry(key).get("version_id") == version, "the catalog to tell of the upload")


def _nothing_else(store: Store, sample: Sample, keys: set[str]) -> Generator[None]:
    """What an earlier version left is deleted after the catalog was written, so that may take a moment."""
    prefix = RENDITIONS_PREFIX + store.picture_id(sample.key)
    yield from _until(lambda: store.under(store.renditions, prefix) == keys, f"{len(keys)} objects in renditions")


def _until(condition: Callable[[], bool], what: str) -> Generator[None]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise UseCaseError(
                f"waited {_PATIENCE_SECONDS} s for {what}; the functions' output is in the emulator's log"
            )
        yield


def example(outputs: Outputs) -> str:
    """Puts a picture into the uploads bucket, and lists what came of it."""
    picture = min(PICTURES.glob("*.jpg"), default=Path("PICTURE.jpg"))
    return "\n".join(
        [
            f"aws s3 cp {shlex.quote(str(picture.relative_to(ROOT)))} s3://{outputs[STACK]['UploadsBucketName']}/",
            f"aws s3 ls --recursive s3://{outputs[STACK]['RenditionsBucketName']}/",
        ]
    )
