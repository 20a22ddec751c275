"""A voice and people with an API drive the same controller."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from lambdas.common.http.problems import Problem
from lambdas.iot_backend.contract import RELEASERS, SkillSettings
from lambdas.iot_backend.contract.models import Decision, DevicePage, ReleaseList
from lambdas.iot_backend.contract.releases import Outcome, Source
from local.use_cases.chapters import Shown
from local.use_cases.clients import Client, Transcript
from local.use_cases.iot_backend import gallery
from local.use_cases.iot_backend.fleet import Fleet
from local.use_cases.iot_backend.releasing import PERCENT, Course
from local.use_cases.outcome import Listing
from local.use_cases.people import signed_in, signed_up

_USER = "amzn1.ask.account.DEMO"


@dataclass(frozen=True)
class Alexa:
    """Invokes the skill's function as Alexa does; what is said is kept for the page."""

    functions: Any
    function: str
    skill_id: str
    said: list[tuple[str, str]]

    @classmethod
    def of(cls, fleet: Fleet) -> Alexa:
        """The stack's, with the id that it was deployed for."""
        functions, function = fleet.deployed.functions, fleet.deployed.outputs["SkillFunctionArn"]
        variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        return cls(functions, function, SkillSettings.from_env(variables).skill_id, [])

    def hear(self, words: str, intent: str, confirmation: str = "NONE", skill_id: str | None = None) -> dict[str, Any]:
        """What the skill answers; ``errorMessage`` in it if it fails. Shapes: `lambdas.iot_backend.domain.skill`."""
        application, user = {"applicationId": skill_id or self.skill_id}, {"userId": _USER}
        event = {
            "version": "1.0",
            "session": {
                "new": False,
                "sessionId": "amzn1.echo-api.session.demo",
                "application": application,
                "user": user,
            },
            "context": {
                "System": {"application": application, "user": user, "apiEndpoint": "https://api.amazonalexa.com"}
            },
            "request": {
                "type": "IntentRequest",
                "requestId": f"amzn1.echo-api.request.{uuid.uuid4()}",
                "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
                "locale": "en-US",
                "intent": {"name": intent, "confirmationStatus": confirmation, "slots": {}},
            },
        }
        answer = self.functions.invoke(FunctionName=self.function, Payload=msgspec.json.encode(event))
        found: dict[str, Any] = msgspec.json.decode(answer["Payload"].read())
        speech = found.get("response", {}).get("outputSpeech", {}).get("text", "(nothing: the function refuses it)")
        self.said.append((words, speech))
        return found


def voice(fleet: Fleet, transcript: Transcript, course: Course) -> Shown:
    """A promotion needs a spoken yes; a rollback does not."""
    alexa, before = Alexa.of(fleet), fleet.deployed.decisions()
    asks = alexa.hear("promote the newest version", "PromoteIntent")
    directives = asks.get("response", {}).get("directives")
    transcript.check(directives == [{"type": "Dialog.ConfirmIntent"}], f"the skill asks for no yes: {asks}")
    course.check(transcript, "a voice", course.first)
    alexa.hear("yes", "PromoteIntent", "CONFIRMED")
    course.check(transcript, "its yes", course.first, PERCENT)
    alexa.hear("roll back", "RollbackIntent")
    course.check(transcript, "“roll back”", course.first)
    alexa.hear("what is the status", "StatusIntent")
    strange = alexa.hear("promote, to another skill", "PromoteIntent", "CONFIRMED", "amzn1.ask.skill.another")
    transcript.check("response" not in strange, f"another skill is answered {strange}")
    decided = fleet.deployed.decided_since(before)
    found = [(each.source, each.outcome) for each in decided]
    wanted = [(Source.VOICE, each) for each in (Outcome.CANARY, Outcome.ROLLED_BACK, Outcome.REPORTED)]
    transcript.check(found == wanted, f"the history tells of {found}")
    return Shown(
        listings=(
            Listing(title="What is said", heads=("Somebody", "The skill"), rows=tuple(alexa.said)),
            gallery.history(decided),
        )
    )


def people(fleet: Fleet, transcript: Transcript, course: Course) -> Shown:
    """Members of a group release by HTTP, and see devices and history; others do not."""
    deployed, ask, before = fleet.deployed, transcript.ask, fleet.deployed.decisions()
    client_id, address = deployed.web["UserPoolClientId"], f"releaser-{deployed.token}@example.com"
    person = signed_up(deployed.cognito, client_id, address)
    other = _as(deployed.anybody, person.authorization)
    promote = {"action": "promote", "reason": "shown by the demo"}
    ask("nobody is signed in", deployed.anybody, "POST /releases", expect=401, sends=promote)
    refused = ask("no releaser", other, "POST /releases", expect=403, sends=promote).read(Problem)
    ask("nor may they look", other, "GET /releases", expect=403)
    ask("at anything", other, "GET /devices", expect=403)
    deployed.cognito.admin_add_user_to_group(
        UserPoolId=deployed.web["UserPoolId"], Username=address, GroupName=RELEASERS
    )
    again = signed_in(deployed.cognito, client_id, address, person.password)
    releaser = _as(deployed.anybody, again.authorization)
    once = {"idempotency-key": uuid.uuid4().hex}
    first = ask("a releaser promotes", releaser, "POST /releases", expect=202, sends=promote, headers=once)
    second = ask("the same request again", releaser, "POST /releases", expect=202, sends=promote, headers=once)
    transcript.check(first.body == second.body, "the second answer to an Idempotency-Key is not the first one")
    course.check(transcript, "POST /releases", course.first, PERCENT)
    ask("another promotion meanwhile", releaser, "POST /releases", expect=409, sends=promote)
    back = ask("the way back", releaser, "POST /releases", expect=202, sends={"action": "rollback"}).read(Decision)
    course.check(transcript, "its rollback", course.first)
    listed = ask("the history", releaser, "GET /releases?limit=10", expect=200).read(ReleaseList)
    transcript.check(listed.decisions[0] == back, f"the newest decision is {listed.decisions[0]}")
    missing = sorted(fleet.sensors.keys() - set(_devices(transcript, releaser)))
    transcript.check(not missing, f"{missing} are not listed")
    return Shown(
        facts=(("Group", RELEASERS), ("Others hear", refused.detail)),
        figures=(gallery.alias(course.steps, course.first, course.newest, deployed.directory),),
        listings=(gallery.history(deployed.decided_since(before)),),
    )


def _devices(transcript: Transcript, releaser: Client) -> Iterator[str]:
    """Ids of all that are enrolled, page by page."""
    path = "/devices?limit=100"
    while True:
        page = transcript.ask("the devices", releaser, f"GET {path}", expect=200).read(DevicePage)
        yield from (each.device_id for each in page.devices)
        if page.next_cursor is None:
            return
        path = f"/devices?limit=100&cursor={page.next_cursor}"


def _as(anybody: Client, authorization: dict[str, str]) -> Client:
    return replace(anybody, headers=authorization)
