"""Where the laptop cloud keeps its files, and the environments that its processes see."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "local"

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

_LOOPBACK = "127.0.0.1"
_TO_MQTT = 8883 - 4566
"""From the emulator's usual port to the usual one of MQTT over TLS."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_KEPT_FOR_FUNCTIONS = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
# Neither the user's profiles nor an instance's role may stand in for the dummy credentials.
_NO_REAL_ACCOUNT = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class Workplace:
    """Everything that the cloud on one port writes, so that two of them keep apart."""

    port: int

    @property
    def mqtt_port(self) -> int:
        """Where devices connect, by MQTT over TLS."""
        return self.port + _TO_MQTT if self.port + _TO_MQTT < 1 << 16 else self.port - _TO_MQTT

    @property
    def directory(self) -> Path:
        """Logs and outputs; outlives the cloud."""
        return BUILD / str(self.port)

    @property
    def lock(self) -> Path:
        """Locked while this port is somebody's in this checkout."""
        return BUILD / f"{self.port}.lock"

    @property
    def outputs(self) -> tuple[Path, Path]:
        """This cloud's outputs, and those of the cloud deployed to last."""
        return self.directory / "outputs.json", BUILD / "outputs.json"

    @property
    def mqtt_ca(self) -> Path:
        """Certificate of the authority that devices trust; of the running cloud alone."""
        return self.directory / "iot-ca.pem"

    @property
    def scratch(self) -> Path:
        """What only the running cloud needs."""
        return self.directory / "scratch"

    @property
    def assembly(self) -> Path:
        """Kept from run to run: what is bundled there already is not bundled again."""
        return self.directory / "cdk.out"

    @property
    def endpoint(self) -> str:
        """By address, not by name: SDKs then put the bucket in the path, which needs no name resolution."""
        return f"http://{_LOOPBACK}:{self.port}"

    def emulator_environment(self) -> dict[str, str]:
        """What the emulator sees, and with it the functions that it runs: nothing of the user's beyond the PATH."""
        kept = {name: os.environ[name] for name in _KEPT_FOR_FUNCTIONS if name in os.environ}
        return {
            **kept,
            **_NO_REAL_ACCOUNT,
            "BIND_HOST": _LOOPBACK,
            "GATEWAY_PORT": str(self.port),
            "LAMBDA_EXECUTOR": "local",
            "STATE_DIR": str(self._made("state")),
            "S3_DATA_DIR": str(self._made("s3")),
            "TMPDIR": str(self._made("tmp")),
            "HOME": str(self._made("home")),
            "IOT_MTLS_ENABLED": "1",
            "IOT_MTLS_PORT": str(self.mqtt_port),
            # Of no use here.
            "SFTP_ENABLED": "0",
            # A Docker daemon, where there is one, is none of its business: it would remove containers there.
            "DOCKER_HOST": f"unix://{self.scratch}/no-docker",
        }

    def cli_environment(self, *, downloads: bool) -> dict[str, str]:
        """What the CDK CLI and the app see. With ``downloads`` proxies stay, which packages of layers may come by."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        if not downloads:
            mine = {name: value for name, value in mine.items() if name not in _PROXIES}
        return {
            **mine,
            **_NO_REAL_ACCOUNT,
            **self.client_environment(),
            "NO_PROXY": _LOOPBACK,
            "no_proxy": _LOOPBACK,
            "TMPDIR": str(self._made("tmp")),
            "CDK_HOME": str(self._made("cdk")),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            # `make synth` validates; here it would cost more than the synthesis itself.
            "CDK_VALIDATION": "false",
            "JSII_NODE": str(ROOT / "local" / "jsii-node"),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "build" / "jsii"),
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
        }

    def client_environment(self) -> dict[str, str]:
        """What any AWS client needs in order to talk to this cloud."""
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, **CREDENTIALS}

    def _made(self, name: str) -> Path:
        path = self.scratch / name
        path.mkdir(parents=True, exist_ok=True)
        return path
