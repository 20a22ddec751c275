"""Pictures through the presigned form into image processing, and what CloudFront serves of them."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from lambdas.web_backend.contract.models import Image, ImageStatus, Item, Upload
from local.use_cases.chapters import Shown
from local.use_cases.clients import Client, Reply, Transcript, shortened
from local.use_cases.image_processing import drawings
from local.use_cases.image_processing.gallery import pixels, size
from local.use_cases.image_processing.samples import PICTURES
from local.use_cases.outcome import Figure, UseCaseError
from local.use_cases.waiting import wait_until_done
from local.use_cases.web_backend.visit import Visit

_REFUSED = 403
_TOO_LARGE = 400
"""What Amazon S3 answers to a form whose policy a request breaks, and to a file beyond its length."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What is uploaded, and what is said of it."""

    title: str
    tags: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Hung:
    """A picture in the gallery."""

    picture: Picture
    item: Item


def samples() -> Iterator[Picture]:
    """Three photographs and a drawing."""
    for name, title, tags in (
        ("astronaut", "Ready for launch", ("people", "space")),
        ("chelsea", "Chelsea looks on", ("cats",)),
        ("coffee", "Second breakfast", ("coffee",)),
    ):
        yield Picture(title=title, tags=tags, data=(PICTURES / f"{name}.jpg").read_bytes())
    yield Picture(title="Hills at dusk", tags=("hills", "sea"), data=drawings.photo(1400, 1000, hue=0.93))


def uploaded(visit: Visit, transcript: Transcript, gallery: list[Hung]) -> Shown:
    """Every sample becomes a picture of the gallery; what the forms do not allow, S3 refuses."""
    forms = []
    for sample in samples():
        form = _form(visit, transcript)
        transcript.note("S3 takes the picture", "POST (form)", _post(visit, form, sample.data), expect=204)
        forms.append((sample, form))
    _break_the_policy(visit, transcript)
    figures: list[Figure] = []
    for sample, form in forms:
        image = _ready(visit, transcript, form)
        item = _hang(visit, transcript, sample, image)
        gallery.append(Hung(picture=sample, item=item))
        figures.append(_served(visit, transcript, sample, image))
    return Shown(figures=tuple(figures), facts=(("srcset of the last", _srcset(image)),))


def _form(visit: Visit, transcript: Transcript) -> Upload:
    once = {"idempotency-key": secrets.token_hex(16)}
    draft = {"content_type": "image/jpeg"}
    return transcript.ask(
        "a form for one upload", visit.owner, "POST /uploads", expect=201, sends=draft, headers=once
    ).read(Upload)


def _post(visit: Visit, form: Upload, data: bytes, changes: Mapping[str, str] | None = None) -> Reply:
    """Sends the form as browsers do, the file last (RFC 7578)."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**form.fields, **(changes or {})}.items()
    ]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n')
    body = b"".join([*(part.encode() for part in parts), data, f"\r\n--{boundary}--\r\n".encode()])
    url = urlsplit(form.url)
    storage = Client(address=visit.owner.address, headers={"host": url.netloc})
    return storage.send("POST", url.path, body, {"content-type": f"multipart/form-data; boundary={boundary}"})


def _break_the_policy(visit: Visit, transcript: Transcript) -> None:
    form = _form(visit, transcript)
    data = (PICTURES / "coffee.jpg").read_bytes()
    key = form.fields["key"]
    for shows, changes in (
        ("S3 refuses another type", {"Content-Type": "text/html"}),
        ("S3 refuses another one's prefix", {"key": key.replace(visit.person.user_id, "somebody-else")}),
    ):
        transcript.note(shows, "POST (form)", _post(visit, form, data, changes), expect=_REFUSED)
    too_large = _post(visit, form, data.ljust(form.max_bytes + 1, b"\0"))
    transcript.note(f"S3 refuses more than {size(form.max_bytes)}", "POST (form)", too_large, expect=_TOO_LARGE)
    path = f"/images/{form.upload_id}"
    image = transcript.ask("nothing came of it", visit.owner, f"GET {path}", expect=200).read(Image)
    transcript.check(image.status is ImageStatus.PENDING, f"a refused upload is {image.status}")
    transcript.ask("somebody else's upload is not there", visit.stranger, f"GET {path}", expect=404)


def _ready(visit: Visit, transcript: Transcript, form: Upload) -> Image:
    path = f"/images/{form.upload_id}"
    found = [visit.owner.send("GET", path)]

    def left() -> tuple[str, ...]:
        found.append(visit.owner.send("GET", path))
        status = found[-1].read(Image).status
        return (f"{path} is {status}",) if status is ImageStatus.PENDING else ()

    wait_until_done(left, "the picture is not ready")
    transcript.note("image processing has made renditions", f"GET {path}", found[-1], expect=200)
    image = found[-1].read(Image)
    transcript.check(image.status is ImageStatus.READY, f"{path} is {image.status}: {image.reason}")
    return image


def _hang(visit: Visit, transcript: Transcript, sample: Picture, image: Image) -> Item:
    draft = {"title": sample.title, "tags": sample.tags, "image_id": image.image_id}
    return transcript.ask("it hangs in the gallery", visit.owner, "POST /items", expect=201, sends=draft).read(Item)


def _served(visit: Visit, transcript: Transcript, sample: Picture, image: Image) -> Figure:
    """Every file of the ``srcset``, through CloudFront; one of them for the page."""
    offered = [part.split(" ") for sources in image.srcset.values() for part in sources.split(", ")]
    transcript.check(image.src in [path for path, _ in offered], f"{image.src} is not in the srcset")
    for path, width in offered:
        found = _width(visit.site.send("GET", path))
        transcript.check(width == f"{found}w", f"{path} is {found} wide, not {width}")
    shown = visit.site.send("GET", image.src or "")
    transcript.note("CloudFront serves it", f"GET {image.src}", shown, expect=200)
    name = f"{image.image_id}.jpg"
    (visit.directory / name).write_bytes(shown.body)
    return Figure(
        title=sample.title,
        alt=f"{sample.title}, as CloudFront serves it",
        file=f"{visit.directory.name}/{name}",
        facts=(
            f"uploaded: {pixels(image.width or 0, image.height or 0)}, {size(len(sample.data))}",
            f"{len(offered)} renditions, shown: {size(len(shown.body))}",
        ),
    )


def _width(reply: Reply) -> int:
    """Raises UseCaseError for what is no picture."""
    try:
        with Pillow.open(io.BytesIO(reply.body)) as picture:
            return picture.width
    except UnidentifiedImageError as error:
        raise UseCaseError(f"no picture, but {reply.status} {reply.text}") from error


def _srcset(image: Image) -> str:
    return shortened("; ".join(f"{kind}: {sources}" for kind, sources in image.srcset.items()))
