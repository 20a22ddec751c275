"""Every pixel format that the decoders yield, scaled down and turned into RGB or RGBA in sRGB."""

from __future__ import annotations

import io
from typing import cast

from PIL import Image
from PIL.ImageFile import ImageFile

from lambdas.image_processing.domain.canvas import LANCZOS
from lambdas.image_processing.domain.geometry import Size


def to_srgb(image: Image.Image, size: Size, notes: list[str]) -> Image.Image:
    """Scales ``image`` to ``size`` and converts it: RGBA where a pixel is transparent, else RGB.

    Colour management runs on the scaled pixels, a fraction of the decoded ones. A profile that cannot be used is left
    out with a note, as browsers do.
    """
    scaled = _eight_bit(image).resize(size, LANCZOS)
    profile = image.info.get("icc_profile")
    if scaled.mode in {"LA", "RGBA"}:
        alpha = scaled.getchannel("A")
        if alpha.getextrema() != (255, 255):
            color = scaled.convert("L" if scaled.mode == "LA" else "RGB")
            converted = _managed(color, profile, notes)
            converted.putalpha(alpha)
            return converted
        scaled = scaled.convert("L" if scaled.mode == "LA" else "RGB")
    return _managed(scaled, profile, notes)


def stays_ycbcr(image: ImageFile) -> bool:
    """Whether a JPEG, its header read, can be scaled and encoded again without leaving its colour space.

    That is, its samples are luma and chroma (by its JFIF or Adobe marker, else by its component ids, as libjpeg
    decides), and no colour profile has to be applied.
    """
    components = [component[0] for component in getattr(image, "layer", [])]
    transform = image.info.get("adobe_transform")
    ycbcr = transform == 1 if transform is not None else "jfif" in image.info or components == [1, 2, 3]
    profile = image.info.get("icc_profile")
    return image.mode == "RGB" and ycbcr and (profile is None or _is_srgb(profile))


def _is_srgb(profile: bytes) -> bool:
    from PIL import ImageCms  # only pictures with a profile pay for it

    try:
        return "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False  # `_through_profile` trips over it again, and notes it


def _eight_bit(image: Image.Image) -> Image.Image:
    """L, LA, RGB, RGBA, CMYK or LAB with 8 bits a channel; other modes would resample or convert wrongly."""
    mode = image.mode
    if mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if mode in {"L", "RGB", "1"} and "transparency" in image.info:
        return _keyed(image)
    if mode.startswith("I;16"):
        # Pillow's own conversion clips at 255 instead of scaling.
        grey = image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
        if "transparency" not in image.info:
            return grey
        grey.info["transparency"] = int(image.info["transparency"] / 257 + 0.5)
        return _keyed(grey)
    if mode in {"I", "F"}:
        return _stretched(image)
    targets = {"1": "L", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB"}
    return image.convert(targets[mode]) if mode in targets else image


def _keyed(image: Image.Image) -> Image.Image:
    """RGBA, where the one colour that the header names is transparent."""
    key = image.info["transparency"]
    if isinstance(key, tuple) and max(key) > 255:  # of a 16-bit PNG, whose samples were read as 8 bits
        image.info["transparency"] = tuple(sample >> 8 for sample in key)
    return image.convert("RGBA")


def _stretched(image: Image.Image) -> Image.Image:
    """32-bit samples have no agreed white: the picture's own darkest and brightest become black and white."""
    low, high = cast("tuple[float, float]", image.getextrema())
    gain = 255.0 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * gain - low * gain).convert("L")


def _managed(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    if profile:
        converted = _through_profile(image, profile, notes)
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _through_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image | None:
    from PIL import ImageCms  # only pictures with a profile pay for it

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return image
        if image.mode == "L" and source.profile.xcolor_space.strip() == "RGB":
            image = image.convert("RGB")  # grey pictures often carry the profile of their camera
        return ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        notes.append(f"color profile cannot be used, left out: {error}")
        return None
