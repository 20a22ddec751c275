"""The laptop cloud: the emulator, and the app deployed into it by the real CDK CLI."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local import platforms, site
from local.devices import keep_authority
from local.emulator import emulator
from local.environment import ACCOUNT, CREDENTIALS, REGION, ROOT, Workplace
from local.errors import LocalCloudError
from local.journal import Journal, Phase
from local.processes import Background

_CDK = str(ROOT / "node_modules" / ".bin" / "cdk")
_SIMULTANEOUS_STACKS = 4
"""The CLI looks at a deploying stack every 5 s; several at a time share that wait."""

Outputs = dict[str, dict[str, str]]
"""Stack id to output name to value."""


@contextmanager
def laptop_cloud(port: int | None = None, journal: Journal | None = None) -> Iterator[Cloud]:
    """An empty cloud on the port given, or on a free one; at the end it and all of its processes are gone.

    Raises:
        PortInUseError: the port given is taken.
        LocalCloudError: the emulator does not start.
    """
    journal = journal or Journal()
    with ExitStack() as stack:
        with journal.phase("start emulator"):
            workplace = stack.enter_context(emulator(port))
        yield Cloud(workplace, journal)


class Cloud:
    """A running emulator and what has been deployed into it."""

    def __init__(self, workplace: Workplace, journal: Journal) -> None:
        self.outputs: Outputs = {}
        self.endpoint = workplace.endpoint
        self.environment: Mapping[str, str] = workplace.client_environment()
        self.journal = journal
        self.mqtt_port = workplace.mqtt_port
        self.mqtt_ca = workplace.mqtt_ca
        self.outputs_path, _ = workplace.outputs
        for left in (self.outputs_path, self.mqtt_ca):
            left.unlink(missing_ok=True)
        self._workplace = workplace
        self._bootstrapped = False

    def client(self, service: str) -> Any:
        """A boto3 client that talks to this cloud, past any proxy."""
        keys = (CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
        session = boto3.Session(*keys, region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint, config=Config(proxies={}))

    def deploy(self, *stacks: str, assembly: Path | None = None) -> None:
        """Deploys the stacks named, or all; synthesizes stage ``local`` first unless an assembly is given.

        Raises:
            LocalCloudError: the CDK CLI failed, and the message carries the end of its log; or there is no website.
        """
        with ExitStack() as running:
            started = []
            if not self._bootstrapped:
                started.append(running.enter_context(self._bootstrap()))
            if assembly is None:
                started.append(running.enter_context(self._synthesize()))
            self._wait(started)
        self._bootstrapped = True
        with self._deploy(stacks or ("--all",), assembly or self._workplace.assembly) as deploying:
            self._wait([deploying])
        self._gather_outputs()
        self._serve_website()
        self._serve_platforms()
        self._serve_devices()

    def _bootstrap(self) -> Background:
        # In a directory without cdk.json: there the CLI would synthesize the app, only to learn its environments.
        return self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", cwd=self._workplace.scratch)

    def _synthesize(self) -> Background:
        context = ("--context", "stage=local", "--context", f"endpoint={self.endpoint}")
        return self._cdk("synth", "--quiet", *context, "--output", str(self._workplace.assembly), downloads=True)

    def _deploy(self, stacks: tuple[str, ...], assembly: Path) -> Background:
        options = ("--app", str(assembly), "--require-approval", "never", "--progress", "events")
        concurrency = ("--concurrency", str(_SIMULTANEOUS_STACKS))
        return self._cdk("deploy", *stacks, *options, *concurrency, "--outputs-file", str(self._deployed_outputs))

    def _cdk(self, verb: str, *arguments: str, cwd: Path = ROOT, downloads: bool = False) -> Background:
        environment = self._workplace.cli_environment(downloads=downloads)
        log = self._workplace.directory / f"{verb}.log"
        return Background(f"cdk {verb}", [_CDK, verb, *arguments, "--no-notices"], cwd=cwd, env=environment, log=log)

    def _wait(self, commands: list[Background]) -> None:
        """Until all have ended well; the first that fails ends the wait."""
        phases = {command: self.journal.begin(command.name) for command in commands}
        try:
            while phases:
                for command in [command for command in phases if self._progressed(command, phases[command])]:
                    self.journal.end(phases.pop(command))
                time.sleep(0.05)
        finally:
            for phase in phases.values():
                self.journal.end(phase, outcome="stopped")

    def _progressed(self, command: Background, phase: Phase) -> bool:
        self.journal.detail(phase, command.last_line())
        try:
            return command.ended()
        except LocalCloudError:
            self.journal.end(phase, outcome="failed")
            raise

    def _serve_website(self) -> None:
        """Does what the deployment cannot do here, see `local.site`."""
        web = self.outputs.get("WebBackend")
        if not web:
            return
        s3 = self.client("s3")
        with self.journal.phase("publish website"):
            site.publish(s3, web)
            served = [web["WebsiteBucketName"]]
            if pictures := self.outputs.get("ImageProcessing"):
                served.append(pictures["RenditionsBucketName"])
            for bucket in served:
                site.admit_cloudfront(s3, bucket)

    def _serve_platforms(self) -> None:
        """Does what people do by hand on AWS, see `local.platforms`."""
        mobile = self.outputs.get("MobileBackend")
        if mobile:
            platforms.make_platform_applications(self.client("lambda"), self.client("sns"), mobile)

    def _serve_devices(self) -> None:
        """Tells devices whom to trust, see `local.devices`."""
        if "IotBackend" in self.outputs:
            keep_authority(self._workplace.port, self.mqtt_ca)

    @property
    def _deployed_outputs(self) -> Path:
        return self._workplace.scratch / "outputs.json"

    def _gather_outputs(self) -> None:
        """Adds the outputs of the latest deployment, and writes all where other programs look for them."""
        self.outputs |= json.loads(self._deployed_outputs.read_text())
        for path in self._workplace.outputs:
            draft = path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(self.outputs, indent=2) + "\n")
            draft.replace(path)  # in one step: another cloud may write the same file
