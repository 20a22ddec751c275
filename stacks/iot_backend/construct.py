"""IoT backend: telemetry of devices, and a controller that buttons, a voice and an API release a function with."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.blocks.bucket import private_bucket
from stacks.blocks.policy import SharedPolicy
from stacks.iot_backend.config import IotBackendConfig
from stacks.iot_backend.devices import Devices
from stacks.iot_backend.drivers import Buttons, Http, Voice
from stacks.iot_backend.monitoring import Monitoring
from stacks.iot_backend.releases import Releases, sample_target
from stacks.iot_backend.telemetry import Telemetry
from stacks.iot_backend.told import told
from stacks.iot_backend.wires import Wires


class IotBackend(Construct):
    """Takes telemetry, and releases what is pressed for; see docs/iot_backend.md.

    Attributes are constructs: ``devices``, ``quarantine``, ``telemetry``, ``releases``, ``buttons``, ``voice`` (None
    without a skill), ``http`` (None unless wired), ``monitoring``.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: IotBackendConfig, shared: SharedPolicy, wires: Wires
    ) -> None:
        super().__init__(scope, construct_id)
        facts = told(self)
        self.devices = Devices(self, "Devices", shared, facts)
        table = self.devices.table
        self.quarantine = private_bucket(
            self,
            "Quarantine",
            shared,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(config.quarantine_days))],
        )
        self.telemetry = Telemetry(
            self,
            "Telemetry",
            config,
            shared,
            facts,
            devices=table,
            quarantine=self.quarantine,
            analytics=wires.analytics,
        )
        target = wires.web.target if wires.web else sample_target(self, config, shared, facts)
        self.releases = Releases(self, "Releases", config, shared, facts, target=target)
        self.buttons = Buttons(
            self,
            "Buttons",
            config,
            shared,
            facts,
            devices=table,
            quarantine=self.quarantine,
            releases=self.releases,
        )
        self.voice = (
            Voice(self, "Voice", config, shared, facts, skill_id=config.skill_id, releases=self.releases)
            if config.skill_id
            else None
        )
        self.http = (
            Http(self, "Http", config, shared, facts, web=wires.web, devices=table, releases=self.releases)
            if wires.web
            else None
        )
        self.monitoring = Monitoring(self, config, shared)
