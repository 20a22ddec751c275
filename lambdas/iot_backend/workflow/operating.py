"""What the API does: devices and releases are listed, and releases started, by those who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec

from lambdas.common.http.exchange import Answer, Call, answer, groups_of
from lambdas.common.http.problems import ProblemError
from lambdas.common.http.routes import Nothing
from lambdas.common.ids import new_id
from lambdas.iot_backend.contract import RELEASERS
from lambdas.iot_backend.contract.models import (
    Asked,
    Device,
    DevicePage,
    DevicesQuery,
    ReleaseDraft,
    ReleaseList,
    ReleasesQuery,
)
from lambdas.iot_backend.contract.releases import Action, Outcome, Source
from lambdas.iot_backend.domain.texts import told
from lambdas.iot_backend.ports import Command, Devices, Enrolled, KeyReusedError, Releases
from lambdas.iot_backend.workflow.releasing import Ask, Controller

_ACTIONS = {Asked.PROMOTE: Action.PROMOTE, Asked.ROLLBACK: Action.ROLLBACK}


@dataclass(frozen=True)
class Operations:
    """The operations over their ports."""

    controller: Controller
    releases: Releases
    devices: Devices
    now: Callable[[], datetime]

    def list_devices(self, call: Call[Nothing, DevicesQuery, Nothing]) -> Answer:
        """Enrolled devices, and what they told last."""
        _let_in(call)
        page = self.devices.page(call.query.limit, call.query.cursor)
        return answer(200, DevicePage(devices=tuple(_shown(each) for each in page.devices), next_cursor=page.last))

    def list_releases(self, call: Call[Nothing, ReleasesQuery, Nothing]) -> Answer:
        """How things stand, and what was decided."""
        _let_in(call)
        limit = call.query.limit
        found = self.releases.history(limit + 1, call.query.cursor)
        following = found[limit].decision_id if len(found) > limit else None
        standing = self.controller.standing()
        return answer(200, ReleaseList(current=standing, decisions=tuple(found[:limit]), next_cursor=following))

    def start_release(self, call: Call[Nothing, Nothing, ReleaseDraft]) -> Answer:
        """Promotes, or rolls back."""
        _let_in(call)
        draft = call.body
        ask = Ask(
            source=Source.HTTP,
            who=call.user_id,
            action=_ACTIONS[draft.action],
            force=draft.force,
            reason=draft.reason,
        )
        try:
            decision = self.controller.handle(self._command(call), ask)
        except KeyReusedError as error:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "this Idempotency-Key has been used with another body: give every request a key of its own",
            ) from error
        if decision.outcome is Outcome.REFUSED:
            raise ProblemError(HTTPStatus.CONFLICT, told(decision))
        return answer(202, decision)

    def _command(self, call: Call[Any, Any, Any]) -> Command:
        if call.idempotency is None:
            return Command(f"http#{new_id(self.now())}")
        return Command(f"http#{call.user_id}#{call.idempotency.key}", call.idempotency.digest)


def _let_in(call: Call[Any, Any, Any]) -> None:
    if RELEASERS not in groups_of(call.claims):
        raise ProblemError(HTTPStatus.FORBIDDEN, f"only members of the group {RELEASERS} see and do this")


def _shown(enrolled: Enrolled) -> Device:
    state = enrolled.state
    return Device(
        device_id=enrolled.device_id,
        kind=enrolled.enrolment.kind,
        enrolled_at=msgspec.convert(enrolled.enrolment.enrolled_at, datetime),
        measured_at=msgspec.convert(state.measured_at, datetime) if state else None,
        readings=state.readings if state else {},
        alarms=state.alarms if state else (),
    )
