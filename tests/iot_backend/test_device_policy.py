"""The devices' policy at work: certificates under it in an emulator of AWS IoT that heeds policies.

It heeds no conditions on the type of a thing: what they come to is decided here, as "Thing policy variables" (AWS IoT
Developer Guide) has it.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from local import environment
from local.devices import keep_authority
from local.emulator import emulator
from local.environment import ACCOUNT, CREDENTIALS, REGION, Workplace
from tests.support.synthesis import Assembly

pytestmark = pytest.mark.xdist_group("synth")

BUTTON, SENSOR = "button-1", "sensor-1"
SECONDS = 10
TYPE = "iot:Connection.Thing.ThingTypeName"
REFUSED = False
TYPES = {BUTTON: "${IotBackendDevicesButton}", SENSOR: "${IotBackendDevicesSensor}"}


class Client:
    """A standard client; without a certificate the emulator lets it hear and say everything."""

    def __init__(self, name: str, broker: Broker, files: tuple[str, str] | tuple[()] = ()) -> None:
        self.answers: queue.Queue[Any] = queue.Queue()
        self.heard: queue.Queue[str] = queue.Queue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, reconnect_on_failure=False)
        self._client.tls_set(str(broker.authority), *files)
        self._client.on_connect = lambda *told: self.answers.put(not told[3].is_failure)
        self._client.on_subscribe = lambda *told: self.answers.put(not told[3][0].is_failure)
        self._client.on_disconnect = lambda *_: self.answers.put(REFUSED)
        self._client.on_message = lambda *told: self.heard.put(told[2].topic)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        self.let_in = self.answer()

    def answer(self) -> bool:
        """The next one of the broker; being disconnected is one as well."""
        answer: bool = self.answers.get(timeout=SECONDS)
        return answer

    def may_subscribe(self, topic: str) -> bool:
        """Whether the broker took the subscription."""
        self._client.subscribe(topic, qos=1)
        return self.answer()

    def say(self, topic: str) -> None:
        """Without waiting for an answer: the broker disconnects whom it does not let speak."""
        self._client.publish(topic, "{}", qos=0)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@dataclass
class Broker:
    """Where devices connect, with whom to trust, and the files of each certificate by its thing."""

    port: int
    authority: Path
    files: dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def broker(assembly: Callable[[str], Assembly], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """An emulator that holds certificates to their policies, with one button and one sensor."""
    directory = tmp_path_factory.mktemp("devices")
    document = assembly("dev").templates["IotBackend"].properties("IotBackendDevicesPolicy")["PolicyDocument"]
    sound = Workplace.emulator_environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "BUILD", directory)
        patch.setattr(Workplace, "emulator_environment", lambda self: sound(self) | {"AUTH": "true"})
        with emulator() as workplace:
            keys = (CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
            iot = boto3.Session(*keys, region_name=REGION).client("iot", endpoint_url=workplace.endpoint)
            authority = directory / "ca.pem"
            keep_authority(workplace.port, authority)
            files = {thing: _enrolled(iot, thing, _as_it_applies_to(thing, document), directory) for thing in TYPES}
            yield Broker(workplace.mqtt_port, authority, files)


def _as_it_applies_to(thing: str, document: Any) -> str:
    """The statements for things of this type, as CloudFormation would resolve them."""
    statements = []
    for each in document["Statement"]:
        condition = dict(each.get("Condition", {}))
        if condition.pop("StringEquals", {TYPE: TYPES[thing]}) == {TYPE: TYPES[thing]}:
            statements.append({**each, "Condition": condition} if condition else _unconditional(each))
    text = json.dumps({**document, "Statement": statements})
    for name, value in (("Partition", "aws"), ("Region", REGION), ("AccountId", ACCOUNT)):
        text = text.replace(f"${{AWS::{name}}}", value)
    return text


def _unconditional(statement: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != "Condition"}


def _enrolled(iot: Any, thing: str, policy: str, directory: Path) -> tuple[str, str]:
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.create_thing(thingName=thing)
    iot.create_policy(policyName=thing, policyDocument=policy)
    iot.attach_policy(policyName=thing, target=made["certificateArn"])
    iot.attach_thing_principal(thingName=thing, principal=made["certificateArn"])
    certificate, key = directory / f"{thing}.crt", directory / f"{thing}.key"
    certificate.write_text(made["certificatePem"])
    key.write_text(made["keyPair"]["PrivateKey"])
    return str(certificate), str(key)


@pytest.fixture
def connect(broker: Broker) -> Iterator[Callable[..., Client]]:
    """Connects as ``name`` with the certificate of a thing."""
    clients: list[Client] = []

    def connected(name: str, thing: str | None = None) -> Client:
        clients.append(Client(name, broker, broker.files.get(thing or name, ())))
        return clients[-1]

    yield connected
    for each in clients:
        each.close()


Connect = Callable[..., Client]


@pytest.mark.parametrize(
    ("device", "topic"),
    [(SENSOR, f"telemetry/{SENSOR}"), (BUTTON, f"button/{BUTTON}/press"), (BUTTON, f"telemetry/{BUTTON}")],
)
def test_device_is_heard_on_its_own_topics(connect: Connect, device: str, topic: str) -> None:
    everything = connect("observer")
    assert everything.may_subscribe("#")
    connect(device).say(topic)
    assert everything.heard.get(timeout=SECONDS) == topic


@pytest.mark.parametrize(
    ("device", "topic"),
    [
        (SENSOR, f"telemetry/{BUTTON}"),
        (SENSOR, f"button/{SENSOR}/press"),
        (SENSOR, f"button/{BUTTON}/press"),
        (BUTTON, "button/button-2/press"),
        (BUTTON, f"button/{BUTTON}/report"),
        (BUTTON, "anything/else"),
    ],
)
def test_device_is_heard_on_no_other_topic_and_thrown_out(connect: Connect, device: str, topic: str) -> None:
    everything, speaking = connect("observer"), connect(device)
    assert everything.may_subscribe("#")
    speaking.say(topic)
    assert speaking.answer() is REFUSED
    everything.say("the/end")
    assert everything.heard.get(timeout=SECONDS) == "the/end"


def test_button_hears_its_own_reports(connect: Connect) -> None:
    button = connect(BUTTON)
    assert button.may_subscribe(f"button/{BUTTON}/report")
    connect("reporter").say(f"button/{BUTTON}/report")
    assert button.heard.get(timeout=SECONDS) == f"button/{BUTTON}/report"


@pytest.mark.parametrize(
    ("device", "topic"),
    [
        (BUTTON, "button/button-2/report"),
        (BUTTON, "button/+/report"),
        (BUTTON, f"telemetry/{SENSOR}"),
        (SENSOR, f"button/{SENSOR}/report"),
        (SENSOR, "#"),
    ],
)
def test_nothing_else_is_heard(connect: Connect, device: str, topic: str) -> None:
    assert not connect(device).may_subscribe(topic)


def test_certificate_lets_in_its_own_thing(connect: Connect) -> None:
    assert connect(SENSOR).let_in


def test_certificate_lets_in_no_other_thing(connect: Connect) -> None:
    assert not connect(BUTTON, SENSOR).let_in
