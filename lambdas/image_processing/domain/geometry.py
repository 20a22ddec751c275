"""Sizes of renditions; every size is (width, height) in pixels of the upright picture."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.image_processing.contract import RenditionSpec

Size = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """How one rendition is cut: the whole picture scaled to ``scaled``, of which ``size`` is kept."""

    spec: RenditionSpec
    scaled: Size
    size: Size

    @property
    def crops(self) -> bool:
        """Whether part of the picture is left out."""
        return self.scaled != self.size


def plan(spec: RenditionSpec, picture: Size) -> Plan:
    """Size of one rendition, never larger than the picture in either direction."""
    width, height = picture
    ratios = (spec.width / width, spec.height / height)
    scale = min(1.0, min(ratios) if spec.mode == "fit" else max(ratios))
    scaled = max(1, round(width * scale)), max(1, round(height * scale))
    size = min(scaled[0], spec.width), min(scaled[1], spec.height)
    return Plan(spec, scaled, size)


def plan_all(specs: tuple[RenditionSpec, ...], picture: Size) -> list[Plan]:
    """Plans, largest first, so that each can be scaled from the one before."""
    plans = [plan(spec, picture) for spec in specs]
    return sorted(plans, key=lambda each: each.scaled[0] * each.scaled[1], reverse=True)
