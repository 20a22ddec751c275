"""Forms to upload pictures with: what they let a browser do, and where they send it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.web_backend import api
from tests.stream_analytics.conftest import create_table
from tests.web_backend.client import Client
from tests.web_backend.conftest import SETTINGS, Cloud

CREATE = "POST /uploads"
PNG = {"content_type": "image/png"}


def policy(form: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.b64decode(form["fields"]["policy"]))
    return decoded


def test_a_form_takes_one_object_of_one_type_and_size_and_nothing_else(ann: Client) -> None:
    form = ann(CREATE, PNG).json
    key = f"users/{ann.user_id}/{form['upload_id']}"
    assert (form["fields"]["key"], form["fields"]["Content-Type"]) == (key, "image/png")
    conditions = policy(form)["conditions"]
    assert {"bucket": "uploads"} in conditions
    assert {"key": key} in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert ["content-length-range", 1, form["max_bytes"]] in conditions
    signing = {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token"}
    others = [each for each in conditions if isinstance(each, dict) and not signing & each.keys()]
    assert len(others) == 3, "nothing may be left open"
    assert form["max_bytes"] == SETTINGS.limits.max_upload_bytes


def test_a_form_says_how_long_it_can_be_used(ann: Client) -> None:
    form = ann(CREATE, PNG).json
    said, signed = (datetime.fromisoformat(each) for each in (form["expires_at"], policy(form)["expiration"]))
    assert abs(said - signed) < timedelta(seconds=2)


def test_every_form_has_a_key_of_its_own(ann: Client) -> None:
    assert len({ann(CREATE, PNG).json["fields"]["key"] for _ in range(3)}) == 3


def test_the_location_of_an_upload_is_its_image(ann: Client) -> None:
    made = ann(CREATE, PNG)
    assert made.headers["location"] == f"images/{made.json['upload_id']}"
    assert ann("GET /images/{image_id}", image_id=made.json["upload_id"]).json["status"] == "pending"


def test_an_upload_is_remembered_for_7_days(ann: Client, cloud: Cloud) -> None:
    upload_id = ann(CREATE, PNG).json["upload_id"]
    [entry] = cloud.entries("upload#")
    days = (int(entry["expires_at"]["N"]) - int(upload_id.replace("-", "")[:12], 16) / 1000) / 86_400
    assert (entry["entry"]["S"], round(days)) == (f"upload#{upload_id}", 7)


@pytest.mark.parametrize(
    "body", [{}, {"content_type": "image/svg+xml"}, {"content_type": "text/html"}, {**PNG, "key": "x"}]
)
def test_other_types_and_keys_of_the_client_s_choice_are_refused(ann: Client, cloud: Cloud, body: Any) -> None:
    assert ann(CREATE, body).status == 422
    assert cloud.entries("upload#") == []


def test_no_client_of_s3_is_made_before_one_is_needed(ann: Client, clients: dict[str, Any]) -> None:
    ann.create()
    assert set(clients) == {"dynamodb"}
    ann(CREATE, PNG)
    ann(CREATE, PNG)
    assert set(clients) == {"dynamodb", "s3"}


@pytest.mark.parametrize("region", ["eu-central-1"])
def test_a_form_is_sent_to_the_bucket_s_own_region(ann: Client) -> None:
    """The global address answers elsewhere with a redirect, which no browser follows to another origin."""
    assert ann(CREATE, PNG).json["url"] == "https://uploads.s3.eu-central-1.amazonaws.com/"


@pytest.fixture
def on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table(boto3.client("dynamodb"), "items", ("user_id", "entry"))
        # Of S3 alone: nobody listens there, and signing needs nobody.
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:4566")
        api.runtime.cache_clear()
        yield
    api.runtime.cache_clear()


@pytest.mark.usefixtures("on_a_laptop")
def test_at_an_endpoint_of_a_laptop_the_bucket_is_in_the_path() -> None:
    assert Client(api.handler)(CREATE, PNG).json["url"] == "http://127.0.0.1:4566/uploads"
