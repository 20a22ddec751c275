"""How the CDK CLI is driven, with a stand-in that records what it is asked."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from local import cloud as clouds
from local import environment
from local.cloud import Cloud
from local.environment import Workplace
from local.errors import LocalCloudError
from local.journal import Journal

STAND_IN = """#!{python}
import json, os, sys, time
asked = dict(arguments=sys.argv[1:], at=time.time(), cwd=os.getcwd(), endpoint=os.environ.get("AWS_ENDPOINT_URL"))
verb = sys.argv[1]
if verb in {failing!r}:
    print(verb + " went wrong")
    sys.exit(1)
if verb in ("bootstrap", "synth"):
    time.sleep({seconds})
if verb == "deploy":
    with open(sys.argv[sys.argv.index("--outputs-file") + 1], "w") as file:
        json.dump({outputs!r}, file)
asked["until"] = time.time()
with open({record!r} + "/" + verb + ".json", "w") as file:
    json.dump(asked, file)
"""


@dataclass(frozen=True)
class StandIn:
    """A CDK CLI that deploys nothing."""

    directory: Path

    def install(self, *, failing: tuple[str, ...] = (), outputs: Mapping[str, Any] = {}, seconds: float = 0) -> None:
        script = STAND_IN.format(
            python=sys.executable, failing=failing, outputs=dict(outputs), record=str(self.directory), seconds=seconds
        )
        program = self.directory / "cdk"
        program.write_text(script)
        program.chmod(0o755)

    def asked(self, verb: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.directory / f"{verb}.json").read_text())
        return told

    def was_asked(self, verb: str) -> bool:
        return (self.directory / f"{verb}.json").exists()

    def forget(self) -> None:
        for record in self.directory.glob("*.json"):
            record.unlink()


@pytest.fixture
def cdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setattr(clouds, "_CDK", str(directory / "cdk"))
    return StandIn(directory)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setattr(environment, "BUILD", tmp_path / "build")
    workplace = Workplace(4999)
    workplace.scratch.mkdir(parents=True)
    return Cloud(workplace, Journal())


def test_bootstrap_and_synthesis_run_at_the_same_time_and_deployment_after_them(cloud: Cloud, cdk: StandIn) -> None:
    cdk.install(seconds=0.5)
    cloud.deploy()
    bootstrap, synth, deploy = (cdk.asked(verb) for verb in ("bootstrap", "synth", "deploy"))
    assert max(bootstrap["at"], synth["at"]) < min(bootstrap["until"], synth["until"])
    assert deploy["at"] >= max(bootstrap["until"], synth["until"])
    assert [phase.name for phase in cloud.journal.phases] == ["cdk bootstrap", "cdk synth", "cdk deploy"]


def test_everything_goes_to_the_emulator(cloud: Cloud, cdk: StandIn) -> None:
    cdk.install()
    cloud.deploy()
    assert {cdk.asked(verb)["endpoint"] for verb in ("bootstrap", "synth", "deploy")} == {"http://127.0.0.1:4999"}


def test_bootstrap_runs_where_no_app_would_be_synthesized(cloud: Cloud, cdk: StandIn) -> None:
    cdk.install()
    cloud.deploy()
    assert not (Path(cdk.asked("bootstrap")["cwd"]) / "cdk.json").exists()


def test_all_stacks_of_stage_local_are_deployed_from_one_synthesis(cloud: Cloud, cdk: StandIn) -> None:
    cdk.install()
    cloud.deploy()
    synth, deploy = cdk.asked("synth")["arguments"], cdk.asked("deploy")["arguments"]
    assert "stage=local" in synth
    assert "--all" in deploy
    assert deploy[deploy.index("--app") + 1] == synth[synth.index("--output") + 1]


def test_a_second_deployment_does_not_bootstrap_again(cloud: Cloud, cdk: StandIn) -> None:
    cdk.install()
    cloud.deploy()
    cdk.forget()
    cloud.deploy()
    assert not cdk.was_asked("bootstrap")
    assert cdk.was_asked("synth")


def test_a_given_assembly_is_deployed_as_it_is(cloud: Cloud, cdk: StandIn, tmp_path: Path) -> None:
    cdk.install()
    cloud.deploy("One", "Two", assembly=tmp_path)
    assert not cdk.was_asked("synth")
    arguments = cdk.asked("deploy")["arguments"]
    assert arguments[1:3] == ["One", "Two"]
    assert "--all" not in arguments
    assert arguments[arguments.index("--app") + 1] == str(tmp_path)


def test_outputs_of_all_deployments_are_written_for_other_programs(cloud: Cloud, cdk: StandIn, tmp_path: Path) -> None:
    cdk.install(outputs={"One": {"Name": "a"}})
    cloud.deploy("One")
    cdk.install(outputs={"Two": {"Name": "b"}})
    cloud.deploy("Two")
    both = {"One": {"Name": "a"}, "Two": {"Name": "b"}}
    assert cloud.outputs == both
    assert json.loads((tmp_path / "build" / "outputs.json").read_text()) == both
    assert json.loads((tmp_path / "build" / "4999" / "outputs.json").read_text()) == both


def test_a_failed_synthesis_is_told_and_stops_the_bootstrap(cloud: Cloud, cdk: StandIn) -> None:
    cdk.install(failing=("synth",), seconds=60)
    started = time.monotonic()
    with pytest.raises(LocalCloudError, match=r"cdk synth ended with exit code 1.\nsynth went wrong"):
        cloud.deploy()
    assert time.monotonic() - started < 30
    assert not cdk.was_asked("bootstrap")
    assert not cdk.was_asked("deploy")


def test_outputs_of_an_earlier_cloud_on_the_same_port_are_forgotten(cloud: Cloud) -> None:
    cloud.outputs_path.write_text("{}")
    assert not Cloud(Workplace(4999), Journal()).outputs_path.exists()


def test_clients_go_past_proxies(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Buckets(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>")

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), Buckets) as server:
        cloud.endpoint = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.handle_request, daemon=True).start()
        client = cloud.client("s3")
        assert client.list_buckets()["Buckets"] == []
        client.close()
    assert len(seen) == 1
