"""Requests made up from the OpenAPI document meet the deployed API: each answer is one that the document has.

No 5xx, no status, type, header or body that it does not have, and what goes against it is refused. Each time they are
the same requests.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.cloud import Cloud
from local.use_cases.people import signed_up
from tools.openapi.document import path_of

pytestmark = pytest.mark.xdist_group("laptop cloud")

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_every_answer_is_as_the_document_says(laptop_cloud: Cloud, tmp_path: Path) -> None:
    found = laptop_cloud.outputs["WebBackend"]
    email = f"schemathesis-{time.time_ns()}@example.com"
    person = signed_up(laptop_cloud.client("cognito-idp"), found["UserPoolClientId"], email)
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={CONFIG}",
            "run",
            str(path_of("web_backend")),
            f"--url={found['ApiUrl']}",
            f"--header=Authorization: Bearer {person.access_token}",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
