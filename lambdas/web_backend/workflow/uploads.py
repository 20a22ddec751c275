"""Pictures on their way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from lambdas.common.http.exchange import Answer, Call, answer
from lambdas.common.http.routes import Nothing
from lambdas.common.ids import new_id
from lambdas.web_backend.contract.models import UploadDraft
from lambdas.web_backend.ports import Uploads
from lambdas.web_backend.workflow.replies import reply, settled


class UploadOperations(Struct, frozen=True):
    """What can be done with uploads."""

    uploads: Uploads
    now: Callable[[], datetime]

    def create(self, call: Call[Nothing, Nothing, UploadDraft]) -> Answer:
        """Makes a form to upload a picture with, which will be an image under the upload's id."""
        now = self.now()
        upload_id = new_id(now)
        form = self.uploads.form(call.user_id, upload_id, call.body, now)
        made = answer(201, form, location=f"images/{upload_id}")
        remembered = self.uploads.add(call.user_id, upload_id, now, reply(call.idempotency, made, now))
        return settled(made, call.idempotency, remembered)
