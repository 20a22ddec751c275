"""What the processes of the laptop cloud see of the user's environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import environment
from local.environment import Workplace

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAREALKEY",
    "AWS_SECRET_ACCESS_KEY": "real-secret",
    "AWS_SESSION_TOKEN": "real-token",
    "AWS_PROFILE": "real-profile",
    "AWS_ENDPOINT_URL_S3": "https://real-endpoint",
    "CDK_DEFAULT_ACCOUNT": "real-account",
}
PROXIES = dict.fromkeys(("HTTP_PROXY", "https_proxy", "ALL_PROXY"), "http://real-proxy")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setattr(environment, "BUILD", tmp_path)
    for name, value in (SECRETS | PROXIES).items():
        monkeypatch.setenv(name, value)
    return Workplace(4566)


def test_functions_see_neither_credentials_nor_proxies_nor_the_home_directory(workplace: Workplace) -> None:
    seen = workplace.emulator_environment()
    assert not [value for value in seen.values() if "real" in value.lower()]
    assert seen["HOME"].startswith(str(workplace.scratch))
    assert (seen["AWS_CONFIG_FILE"], seen["AWS_SHARED_CREDENTIALS_FILE"]) == ("/dev/null", "/dev/null")


def test_the_emulator_listens_on_loopback_and_writes_under_its_own_directory(workplace: Workplace) -> None:
    seen = workplace.emulator_environment()
    assert (seen["BIND_HOST"], seen["GATEWAY_PORT"]) == ("127.0.0.1", "4566")
    for name in ("STATE_DIR", "S3_DATA_DIR", "TMPDIR"):
        assert Path(seen[name]).is_dir()
        assert Path(seen[name]).is_relative_to(workplace.scratch)


def test_the_cdk_sees_the_emulator_in_place_of_a_real_account(workplace: Workplace) -> None:
    seen = workplace.cli_environment(downloads=False)
    assert not (SECRETS | PROXIES).items() & seen.items()
    assert not {"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "CDK_DEFAULT_ACCOUNT"} & seen.keys()
    assert seen["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_SECRET_ACCESS_KEY"]) == ("test", "test")
    assert Path(seen["CDK_HOME"]).is_relative_to(workplace.scratch)


def test_only_what_downloads_packages_goes_through_the_proxy(workplace: Workplace) -> None:
    seen = workplace.cli_environment(downloads=True)
    assert seen["https_proxy"] == "http://real-proxy"
    assert seen["NO_PROXY"] == seen["no_proxy"] == "127.0.0.1"
    assert not SECRETS.items() & seen.items()
