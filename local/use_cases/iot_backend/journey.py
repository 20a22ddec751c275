"""Twenty sensors, two buttons, a voice and somebody with an API at the deployed stack."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lambdas.iot_backend.contract.messages import press_topic, telemetry_topic
from local.cloud import Cloud, Outputs
from local.use_cases import chapters
from local.use_cases.chapters import Chapter, Shown, told
from local.use_cases.iot_backend import asking, releasing, telling
from local.use_cases.iot_backend.deployed import STACK, Deployed
from local.use_cases.iot_backend.fleet import Fleet
from local.use_cases.iot_backend.releasing import Course
from local.use_cases.outcome import Outcome


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Everything by MQTT, HTTP and the skill's events, as devices and people do it.

    The alias and the alarm of what is released are in the end as they were before.
    """
    journal, deployed = cloud.journal, Deployed.of(cloud, directory)
    alarm = deployed.alarm()
    with tempfile.TemporaryDirectory() as keys:
        fleet = Fleet.with_buttons(deployed, Path(keys))
        course = Course.begun(deployed)
        try:
            with journal.phase("iot: a release, and telemetry meanwhile"), ThreadPoolExecutor(1) as pool:
                released = pool.submit(_told, "SINGLE: a canary, then all", releasing.single, fleet, course)
                fleet.enrol_sensors()
                measured = [
                    _told("Telemetry of 20 sensors", telling.twenty_sensors, fleet),
                    _told("What is rejected", telling.wrong_messages, fleet),
                ]
                pressed = [released.result()]
            with journal.phase("iot: buttons"):
                pressed += [
                    _told("DOUBLE: back; LONG: a report", releasing.double_and_long, fleet, course),
                    _told("Strangers", releasing.strangers, fleet, course),
                ]
            with journal.phase("iot: voice and API"):
                asked = [
                    _told("An Alexa skill", asking.voice, fleet, course),
                    _told("POST /releases, and how the alias fared", asking.people, fleet, course),
                ]
        finally:
            deployed.set_alarm(alarm)
        with journal.phase("iot: retire"):
            fleet.retire()
    every = [*measured, *pressed, *asked]
    return Outcome(
        input=f"{len(fleet.sensors)} sensors, 2 buttons, a voice, an API",
        output=f"{sum(each.card.good for each in every)} of {len(every)} chapters as they should be",
        problems=chapters.problems(every),
        cards=tuple(each.card for each in every),
    )


def _told(title: str, story: Callable[..., Shown], fleet: Fleet, *more: object) -> Chapter:
    return told(title, lambda transcript: story(fleet, transcript, *more))


_TELL = """\
import os, sys
from paho.mqtt.client import CallbackAPIVersion, Client
keys, device, topic, payload = sys.argv[1:]
client = Client(CallbackAPIVersion.VERSION2, device)
client.tls_set(os.environ["MQTT_CA"], f"{keys}/{device}/certificate.pem", f"{keys}/{device}/private.key")
client.connect("127.0.0.1", int(os.environ["MQTT_PORT"]))
client.loop_start()
client.publish(topic, payload, qos=1).wait_for_publish(10)
client.disconnect()
"""
"""What any MQTT client does: ``mosquitto_pub`` takes the same files and topics."""


def example(outputs: Outputs) -> str:
    """Enrols a sensor and a button, tells a reading, publishes a version, and presses."""
    own = outputs[STACK]
    target, alarm = f"--function-name {own['TargetFunctionName']}", own["TargetAlarmName"]
    reading = '''"{\\"sequence\\": 1, \\"measured_at\\": $(date +%s)000, \\"readings\\": {\\"temperature\\": 21.5}}"'''
    press = '''"{\\"click\\": \\"SINGLE\\", \\"press_id\\": \\"press-$(date +%s)\\"}"'''
    state, audit = '{"device_id": {"S": "my-sensor"}, "entry": {"S": "state"}}', '{":audit": {"S": "audit"}}'
    return "\n".join(
        [
            f"keys=$(mktemp -d); tell={shlex.quote(_TELL)}",
            '.venv/bin/python -m tools enrol my-sensor --kind sensor --out "$keys"',
            f'.venv/bin/python -c "$tell" "$keys" my-sensor {telemetry_topic("my-sensor")} {reading}',
            f"aws dynamodb get-item --table-name {own['DeviceTableName']} --key '{state}'",
            f'aws lambda update-function-configuration {target} --description "A new version"',
            f"aws lambda publish-version {target}",
            f"aws cloudwatch set-alarm-state --alarm-name {alarm} --state-value OK --state-reason tried",
            '.venv/bin/python -m tools enrol my-button --kind button --out "$keys"',
            f'.venv/bin/python -c "$tell" "$keys" my-button {press_topic("my-button")} {press}',
            f"aws lambda get-alias {target} --name {own['TargetAliasName']}  # again ten seconds later",
            f"aws dynamodb query --table-name {own['ReleaseTableName']} --no-scan-index-forward --max-items 3 \\",
            f"  --key-condition-expression '#partition = :audit' --expression-attribute-values '{audit}' \\",
            '  --expression-attribute-names \'{"#partition": "partition"}\'',
        ]
    )
