"""Who is there: 20 sensors and two buttons that are enrolled, and somebody who is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lambdas.iot_backend.contract.devices import Kind
from local.use_cases.iot_backend.deployed import Deployed
from local.use_cases.iot_backend.mqtt import Connection
from tools.keyring import Kept, Keyring

SENSORS = 20
_SIDE_BY_SIDE = 4


@dataclass(frozen=True)
class Fleet:
    """Devices with their certificates."""

    deployed: Deployed
    keyring: Keyring
    button: str
    other_button: str
    """That nobody but a stranger uses."""
    buttons: Mapping[str, Kept]
    unknown: str
    """A name that nobody enrolled."""
    unknown_kept: Kept
    """A certificate of the account's, all the same."""
    sensors: dict[str, Kept] = field(default_factory=dict)

    @classmethod
    def with_buttons(cls, deployed: Deployed, folder: Path) -> Fleet:
        """Whoever presses; ``folder`` takes the keys of all."""
        keyring = Keyring(folder)
        button, other, unknown = (deployed.name(each) for each in ("button", "other-button", "unknown"))
        made = deployed.iot.create_keys_and_certificate(setAsActive=True)
        return cls(
            deployed=deployed,
            keyring=keyring,
            button=button,
            other_button=other,
            buttons=_enrolled(deployed, keyring, Kind.BUTTON, [button, other]),
            unknown=unknown,
            unknown_kept=keyring.keep(unknown, made["certificatePem"], made["keyPair"]["PrivateKey"]),
        )

    def enrol_sensors(self) -> None:
        """All of them."""
        names = [self.deployed.name(f"sensor-{number:02}") for number in range(1, SENSORS + 1)]
        self.sensors.update(_enrolled(self.deployed, self.keyring, Kind.SENSOR, names))

    def retire(self) -> None:
        """Takes away what was enrolled: the keys are gone after the demo."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            list(pool.map(self.deployed.devices.retire, [*self.sensors, *self.buttons]))

    def connection(self, client_id: str, kept: Kept, hears: str | None = None) -> Connection:
        """A device under a name, with a certificate that need not be its own."""
        return Connection(self.deployed.broker, client_id, kept, hears)


def _enrolled(deployed: Deployed, keyring: Keyring, kind: Kind, names: Sequence[str]) -> dict[str, Kept]:
    devices = deployed.devices
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        kept = pool.map(lambda name: devices.enrol(name, kind, keyring, "the demo"), names)
    return dict(zip(names, kept, strict=True))
