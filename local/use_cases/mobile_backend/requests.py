"""What apps ask of the API about devices, and what it refuses."""

from __future__ import annotations

import secrets
from dataclasses import replace

from lambdas.common.http.problems import Problem
from lambdas.mobile_backend.contract.models import Device, DeviceList
from local.use_cases.chapters import Shown
from local.use_cases.clients import Transcript
from local.use_cases.mobile_backend.visit import API_KEY, Visit

TITLE = {"title": "Your parcel is here"}

_NOT_BY_THE_MODEL = 422
"""Of the function. On AWS the gateway answers 400 before it; the emulator drops the validators of templates."""


def devices(visit: Visit, transcript: Transcript) -> Shown:
    """Registered as often as the app likes, there once, until it is forgotten."""
    ask, bob, ann = transcript.ask, visit.app_of(visit.bob), visit.app_of(visit.ann)
    draft = {"platform": "fcm", "token": secrets.token_hex(32)}
    device = ask("a phone registers", bob, "POST /devices", expect=201, sends=draft).read(Device)
    again = ask("at each start of the app", bob, "POST /devices", expect=201, sends=draft).read(Device)
    transcript.check(again.device_id == device.device_id, "the same token makes another device")
    listed = ask("it is there once", bob, "GET /devices", expect=200).read(DeviceList).devices
    transcript.check(
        [each.device_id for each in listed] == [device.device_id], f"{[each.device_id for each in listed]} are listed"
    )
    path = f"/devices/{device.device_id}"
    ask("somebody else cannot forget it", ann, f"DELETE {path}", expect=404)
    ask("it is forgotten", bob, f"DELETE {path}", expect=204)
    ask("and gone", bob, f"DELETE {path}", expect=404)
    left = ask("none is left", bob, "GET /devices", expect=200).read(DeviceList).devices
    transcript.check(not left, f"{len(left)} devices are left")
    return Shown(facts=(("Device id", f"{device.device_id}, a digest of platform and token"),))


def refusals(visit: Visit, transcript: Transcript) -> Shown:
    """By the gateway, which asks for key, token and a body by the model; and by the function behind it."""
    ask, ann = transcript.ask, visit.app_of(visit.ann)
    strange = replace(ann, headers={**ann.headers, API_KEY: secrets.token_hex(20)})
    keyless = replace(ann, headers=visit.ann.authorization)
    text = {**TITLE, "text": "At the door"}
    ask("no API key", keyless, "GET /devices", expect=403)
    by_gateway = ask("another API key", strange, "GET /devices", expect=403)
    ask("nobody is signed in", visit.app, "GET /devices", expect=401)
    ask("the model wants a text", ann, "POST /notifications", expect=_NOT_BY_THE_MODEL, sends=TITLE)
    ask("the model knows no such platform", ann, "POST /devices", expect=_NOT_BY_THE_MODEL, sends={"platform": "palm"})
    other = {**text, "recipient": visit.bob.user_id}
    by_function = [
        ask("a method that there is not", ann, "PUT /devices", expect=405, sends={}),
        ask("nobody but notifiers notifies others", ann, "POST /notifications", expect=403, sends=other),
        ask("no such query", ann, "GET /notifications?limit=many", expect=400),
    ]
    for reply in by_function:
        problem = reply.read(Problem)
        transcript.check(problem.status == reply.status, f"{problem.title} says {problem.status}")
    allowed = by_function[0].headers.get("allow", "")
    transcript.check(allowed == "GET, HEAD, POST", f"Allow is {allowed!r}")
    return Shown(
        facts=(
            ("The gateway says", by_gateway.text),
            ("The function says", by_function[1].text),
            ("422 here", "is 400 on AWS, by the gateway; the emulator drops what of a template checks bodies"),
        )
    )
