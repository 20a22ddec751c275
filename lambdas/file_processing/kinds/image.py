"""Pictures: they are only catalogued, their renditions are the business of image processing."""

from __future__ import annotations

from lambdas.file_processing.domain.probes.pictures import image_type, is_image
from lambdas.file_processing.domain.processing import Kind

KIND = Kind(name="image", media_type=image_type, claims=is_image, order=10)
