"""Every route that the IoT backend adds to the web backend's API, where both are wired."""

from __future__ import annotations

from lambdas.common.http.routes import AnyRoute, Route
from lambdas.iot_backend.contract.models import (
    Decision,
    DevicePage,
    DevicesQuery,
    ReleaseDraft,
    ReleaseList,
    ReleasesQuery,
)

LIST_DEVICES = Route(
    method="GET",
    path="/devices",
    operation="list_devices",
    summary="Enrolled devices, and what they told last",
    query=DevicesQuery,
    answer=DevicePage,
    problems=(400, 403),
)
LIST_RELEASES = Route(
    method="GET",
    path="/releases",
    operation="list_releases",
    summary="How the target's releases stand, and every decision, newest first",
    query=ReleasesQuery,
    answer=ReleaseList,
    problems=(400, 403),
)
START_RELEASE = Route(
    method="POST",
    path="/releases",
    operation="start_release",
    summary="Promote the newest version by a canary, or go back to the version before",
    body=ReleaseDraft,
    status=202,
    answer=Decision,
    idempotent=True,
    problems=(403, 409),
)

ROUTES: tuple[AnyRoute, ...] = (LIST_DEVICES, LIST_RELEASES, START_RELEASE)
