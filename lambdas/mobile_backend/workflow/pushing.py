"""From one notification to banners on the recipient's devices.

On the wire every banner is sent at least once: a message that comes again is sent to all devices again. It carries the
notification's id, by which the platform shows one banner of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.failures import UnavailableError
from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.domain.devices import Registered
from lambdas.mobile_backend.ports import DeviceGoneError, Devices, PushSender


@dataclass
class Outcome:
    """What became of a notification: counts of devices, and the last failure, if there was one."""

    sent: int = 0
    gone: int = 0
    without_push: int = 0
    error: UnavailableError | None = None


@dataclass(frozen=True)
class Pusher:
    """The steps over their ports."""

    devices: Devices
    sender: PushSender

    def push(self, message: Message) -> Outcome:
        """Sends to every device, even if one before has failed; those that are gone are forgotten."""
        outcome = Outcome()
        for device in self.devices.of(message.recipient):
            if device.endpoint is None:
                outcome.without_push += 1
                continue
            try:
                if self._sent(device, message):
                    outcome.sent += 1
                else:
                    outcome.gone += 1
            except UnavailableError as error:
                outcome.error = error
        return outcome

    def _sent(self, device: Registered, message: Message) -> bool:
        """Whether the device was there to be sent to; it is forgotten if not."""
        try:
            self.sender.send(device, message)
        except DeviceGoneError:
            # If the app has registered the device again meanwhile, it is there to stay.
            self.devices.forget(message.recipient, device.device_id, device.registered_at)
            return False
        return True
