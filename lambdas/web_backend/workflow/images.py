"""Pictures that have arrived."""

from __future__ import annotations

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer
from lambdas.common.http.routes import Nothing
from lambdas.web_backend.contract.models import Image, ImagePath, ImageStatus
from lambdas.web_backend.domain.pictures import image
from lambdas.web_backend.ports import Pictures, Uploads
from lambdas.web_backend.workflow.problems import not_found


class ImageOperations(Struct, frozen=True):
    """What can be done with images."""

    pictures: Pictures
    uploads: Uploads

    def get(self, call: Call[ImagePath, Nothing, Nothing]) -> Answer:
        """What image processing made of an upload, which it may not have seen yet."""
        found = self._find(call.user_id, call.parameters.image_id)
        if found is None:
            raise not_found("image")
        return answer(200, found)

    def _find(self, user_id: str, image_id: str) -> Image | None:
        picture = self.pictures.find(user_id, image_id)
        if picture:
            return image(image_id, picture)
        if self.uploads.is_known(user_id, image_id):
            return Image(image_id=image_id, status=ImageStatus.PENDING)
        return None
