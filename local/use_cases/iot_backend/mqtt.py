"""Devices as they connect: by MQTT over TLS, with a certificate of their own, through a usual client."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from local.use_cases.outcome import UseCaseError
from tools.keyring import Kept

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 20
_AT_LEAST_ONCE = 1
"""Quality of service, so that a message counts as sent when the broker says so."""


@dataclass(frozen=True)
class Broker:
    """Where devices connect, and whom they trust there."""

    port: int
    authority: Path


@dataclass
class Connection:
    """A device that is connected as long as the context lasts."""

    broker: Broker
    client_id: str
    kept: Kept
    hears: str | None = None
    """Topic that it subscribes to."""
    heard: Queue[bytes] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        self._ready = threading.Event()
        self._refused = ""
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self.client_id)
        self._client.tls_set(f"{self.broker.authority}", f"{self.kept.certificate}", f"{self.kept.private_key}")
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = lambda _, __, message: self.heard.put(bytes(message.payload))

    def __enter__(self) -> Self:
        try:
            self._client.connect(_HOST, self.broker.port)
        except OSError as error:
            raise UseCaseError(f"{self.client_id} cannot connect to port {self.broker.port}: {error}") from error
        self._client.loop_start()
        if not self._ready.wait(_PATIENCE_SECONDS):
            self._client.loop_stop()
            raise UseCaseError(f"{self.client_id} is not let in: {self._refused or 'there is no answer'}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> None:
        """Sends a message. Raises UseCaseError unless the broker takes it."""
        sent = self._client.publish(topic, payload, qos=_AT_LEAST_ONCE)
        sent.wait_for_publish(_PATIENCE_SECONDS)
        if not sent.is_published():
            raise UseCaseError(f"a message of {self.client_id} to {topic} is not taken")

    def hear(self) -> bytes:
        """The next message of its topic. Raises UseCaseError if none comes."""
        try:
            return self.heard.get(timeout=_PATIENCE_SECONDS)
        except Empty:
            raise UseCaseError(f"{self.client_id} has heard nothing on {self.hears}") from None

    def _connected(self, client: paho.Client, _: Any, __: Any, reason: ReasonCode, ___: Any) -> None:
        if reason.is_failure:
            self._refused = f"{reason}"
        elif self.hears:
            client.subscribe(self.hears, qos=_AT_LEAST_ONCE)
        else:
            self._ready.set()
