"""Sample pictures of many formats, drawn here, and files that only pretend to be pictures."""

from __future__ import annotations

import colorsys
import io
import math

import pillow_heif
from PIL import ExifTags, Image, ImageDraw, ImageOps
from PIL.TiffImagePlugin import IFDRational

Color = tuple[int, int, int]

_HILLS = 5


def landscape(width: int, height: int, *, hue: float) -> Image.Image:
    """A sun over hills with some grain, so that encoders meet edges, gradients and noise. Hue from 0 to 1."""
    sky = ImageOps.colorize(
        Image.linear_gradient("L"), black=_color(hue, 0.55, 0.75), mid=_color(hue + 0.4, 0.35, 0.95), white="#fff3d6"
    )
    picture = sky.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    radius = min(width, height) * 0.09
    draw.circle((width * 0.68, height * 0.36), radius, fill="#fffbe8")
    for hill in range(_HILLS):
        depth = hill / (_HILLS - 1)
        ridge = [(x, _ridge(x / width, hill) * height) for x in range(0, width + 8, 8)]
        draw.polygon(
            [(0, height), *ridge, (width + 8, height)], fill=_color(hue + 0.1, 0.35 + 0.3 * depth, 0.7 - 0.55 * depth)
        )
    grain = Image.effect_noise((width // 2, height // 2), 32).resize(picture.size).convert("RGB")
    return Image.blend(picture, grain, 0.08)


def _ridge(x: float, hill: int) -> float:
    waves = (
        math.sin(x * (5 + 2 * hill) + hill * 2.1) + 0.5 * math.sin(x * (13 + 3 * hill) + hill) + 0.1 * math.sin(x * 97)
    )
    return 0.5 + 0.1 * hill + 0.045 * waves


def _color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def phone_photo() -> bytes:
    """12 megapixels as a phone held upright stores them: lying on the side, with orientation, place and camera."""
    upright = landscape(3000, 4000, hue=0.58)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Sample"
    exif[ExifTags.Base.Orientation] = 6
    degrees = (IFDRational(46), IFDRational(33), IFDRational(27))
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: degrees})
    return _saved(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90, exif=exif)


def photo(width: int, height: int, *, hue: float, format_name: str = "JPEG") -> bytes:
    """A landscape as one file of a format that Pillow writes."""
    return _saved(landscape(width, height, hue=hue), format_name)


def heic(width: int, height: int, *, hue: float) -> bytes:
    """A landscape as phones upload it."""
    data = io.BytesIO()
    picture = pillow_heif.from_pillow(landscape(width, height, hue=hue))
    picture.save(data, quality=80, enc_params={"preset": "ultrafast"})  # the default takes ten times as long
    return data.getvalue()


def print_scan(width: int, height: int, *, hue: float) -> bytes:
    """A CMYK TIFF, as prepress software writes it."""
    return _saved(landscape(width, height, hue=hue).convert("CMYK"), "TIFF", compression="tiff_lzw")


def badge(side: int) -> bytes:
    """A PNG with soft transparency around a round badge."""
    picture = landscape(side, side, hue=0.85)
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).circle((side / 2, side / 2), side * 0.46, fill=255)
    glow = ImageOps.invert(Image.radial_gradient("L").resize((side, side)))
    picture.putalpha(Image.composite(mask, glow.point(lambda level: level // 3), mask))
    return _saved(picture, "PNG")


def animation(side: int) -> bytes:
    """A GIF of a dot that goes round."""
    frames = []
    for step in range(12):
        frame = Image.new("RGB", (side, side), "#123047")
        angle = step / 12 * math.tau
        center = (side / 2 + math.cos(angle) * side * 0.32, side / 2 + math.sin(angle) * side * 0.32)
        ImageDraw.Draw(frame).circle(center, side * 0.12, fill=_color(step / 12, 0.6, 1))
        frames.append(frame)
    return _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)


def bomb() -> bytes:
    """A PNG of a few kilobytes that would unpack to 100 megapixels."""
    return _saved(Image.new("1", (10_000, 10_000)), "PNG")


def _saved(picture: Image.Image, format_name: str, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, format_name, **options)
    return data.getvalue()
