"""How large pictures are shown, which way up, and into which sizes they fit."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.buffer import Buffer

_WIDE = Fraction(16, 9)
"""What "720p" says of the width: frames of other shapes fit into a box of this one."""
_MATRIX = struct.Struct("=9i")
"""A display matrix: a b u, c d v, x y w, by which (p, q) is shown at (ap + cq + x, bp + dq + y)."""


@dataclass(frozen=True)
class Size:
    """Pixels across and down."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Of one frame."""
        return self.width * self.height


@dataclass(frozen=True)
class Orientation:
    """What turns coded frames into shown ones: mirrored left to right first, then rotated."""

    rotation: int = 0
    """Degrees clockwise: 0, 90, 180, 270."""
    mirrored: bool = False

    @property
    def sideways(self) -> bool:
        """Whether width and height are exchanged."""
        return self.rotation in {90, 270}

    @property
    def filters(self) -> tuple[tuple[str, dict[str, str]], ...]:
        """Names and options of the filters of FFmpeg that do it."""
        return _FILTERS[self.rotation, self.mirrored]


_FILTERS: dict[tuple[int, bool], tuple[tuple[str, dict[str, str]], ...]] = {
    (0, False): (),
    (90, False): (("transpose", {"dir": "clock"}),),
    (180, False): (("hflip", {}), ("vflip", {})),
    (270, False): (("transpose", {"dir": "cclock"}),),
    (0, True): (("hflip", {}),),
    (90, True): (("transpose", {"dir": "clock_flip"}),),
    (180, True): (("vflip", {}),),
    (270, True): (("transpose", {"dir": "cclock_flip"}),),
}


def orientation(matrix: Buffer | None) -> Orientation:
    """Of a display matrix, at the nearest quarter of a turn: players show others the same way."""
    if matrix is None:
        return Orientation()
    a, b, _, c, d, *_ = _MATRIX.unpack(bytes(matrix))
    mirrored = a * d - b * c < 0
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(180 if d < 0 else 0, mirrored)
    return Orientation(90 if c < 0 else 270, mirrored)


def shown(coded: Size, aspect: Fraction, turned: Orientation) -> Size:
    """Size in square pixels, upright; the longer side of a pixel counts, so that nothing is scaled away."""
    width, height = Fraction(coded.width), Fraction(coded.height)
    if aspect > 1:
        width *= aspect
    else:
        height /= aspect
    size = Size(max(1, round(width)), max(1, round(height)))
    return Size(size.height, size.width) if turned.sideways else size


def fitted(size: Size, lines: int) -> Size:
    """Even width and height of ``size`` within a box of 16:9 of so many lines, upright for upright pictures.

    Never more than ``size``, except that one pixel becomes two.
    """
    box = (round(lines * _WIDE), lines) if size.width >= size.height else (lines, round(lines * _WIDE))
    scale = min(Fraction(box[0], size.width), Fraction(box[1], size.height))
    return Size(_even(size.width, scale), _even(size.height, scale))


def _even(length: int, scale: Fraction) -> int:
    return max(2, min(2 * round(length * scale / 2), length // 2 * 2))
