"""AWS Elemental MediaConvert: what it may do, who may start jobs, and who hears of their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.file_processing.contract import Lane, TranscodeSettings
from lambdas.file_processing.domain.media.ended import DESTINATION
from stacks.file_processing.config import FileProcessingConfig
from tests.file_processing.stacks import (
    FAILURES,
    FINISH,
    HERE,
    INBOX,
    LANE_ROLES,
    LANES,
    PRODUCTS,
    TemplateOf,
    configured,
    environment,
)
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

JOB_ROLE = "FileProcessingJobsRole"
RESERVED = "arn:aws:mediaconvert:eu-west-1:123456789012:queues/reserved"
DEFAULT = f"arn:${{AWS::Partition}}:mediaconvert:{HERE}:queues/Default"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["FileProcessing"]


@pytest.fixture(scope="module")
def reserved(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack of a user who has reserved transcoding slots."""
    config = FileProcessingConfig(media_convert_queue_arn=RESERVED)
    return configured(tmp_path_factory.mktemp("reserved"), config).templates["FileProcessing"]


def _trust(template: Template) -> Any:
    [statement] = template.properties(JOB_ROLE)["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "mediaconvert.amazonaws.com"}
    return statement["Condition"]


@in_the_cloud
def test_mediaconvert_acts_for_jobs_of_this_account_and_queue_alone(template: TemplateOf, stage: str) -> None:
    assert _trust(template(stage)) == {
        "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
        "ArnLike": {"aws:SourceArn": DEFAULT},
    }


@in_the_cloud
def test_mediaconvert_reads_files_and_writes_products_and_no_more(template: TemplateOf, stage: str) -> None:
    products = f"${{{PRODUCTS}.Arn}}/products/*"
    assert template(stage).statements(JOB_ROLE) == [
        {"Action": ["s3:GetObject"], "Resource": [f"${{{INBOX}.Arn}}/*"]},
        {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": [products]},
    ]


def _of_jobs(template: Template) -> list[Any]:
    statements = template.statements(LANE_ROLES[Lane.TRANSCODE])
    return [each for each in statements if {"mediaconvert:CreateJob", "iam:PassRole"} & set(each["Action"])]


@in_the_cloud
def test_transcode_may_start_jobs_in_one_queue_with_one_role(template: TemplateOf, stage: str) -> None:
    passed = {"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}}
    assert _of_jobs(template(stage)) == [
        {"Action": ["mediaconvert:CreateJob"], "Resource": [DEFAULT]},
        {"Action": ["iam:PassRole"], "Resource": [f"${{{JOB_ROLE}.Arn}}"], "Condition": passed},
    ]


@in_the_cloud
def test_nobody_else_may_start_jobs(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    starters = {
        role
        for role in made.of_type("AWS::IAM::Role")
        for each in made.statements(role)
        if "mediaconvert:CreateJob" in each["Action"]
    }
    assert starters == {LANE_ROLES[Lane.TRANSCODE]}


@in_the_cloud
def test_transcode_is_told_the_role_of_jobs(template: TemplateOf, stage: str) -> None:
    told = TranscodeSettings.from_env(environment(template(stage), LANES[Lane.TRANSCODE]))
    assert (told.media_convert_role_arn, told.media_convert_queue_arn) == (f"${{{JOB_ROLE}.Arn}}", "")


def test_reserved_queue_is_told_trusted_and_the_only_one_that_jobs_may_be_put_into(reserved: Template) -> None:
    told = TranscodeSettings.from_env(environment(reserved, LANES[Lane.TRANSCODE]))
    assert told.media_convert_queue_arn == RESERVED
    assert _trust(reserved)["ArnLike"] == {"aws:SourceArn": RESERVED}
    assert _of_jobs(reserved)[0]["Resource"] == [RESERVED]


# --- the end of jobs ------------------------------------------------------------------------------------------------


@in_the_cloud
def test_finish_hears_of_every_end_of_a_job(template: TemplateOf, stage: str) -> None:
    [rule] = template(stage).of_type("AWS::Events::Rule").values()
    assert rule["State"] == "ENABLED"
    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.mediaconvert"], ["MediaConvert Job State Change"])
    assert pattern["detail"]["status"] == ["COMPLETE", "ERROR", "CANCELED"]
    [target] = rule["Targets"]
    assert target["Arn"] == f"${{{FINISH}.Arn}}"


@in_the_cloud
def test_finish_hears_of_no_job_that_writes_elsewhere(template: TemplateOf, stage: str) -> None:
    [rule] = template(stage).of_type("AWS::Events::Rule").values()
    written = rule["EventPattern"]["detail"]["userMetadata"]
    assert written == {DESTINATION: [{"prefix": f"s3://${{{PRODUCTS}}}/"}]}


@in_the_cloud
def test_end_that_does_not_get_to_finish_or_that_it_fails_on_is_kept(template: TemplateOf, stage: str) -> None:
    made = template(stage)
    [(name, rule)] = made.of_type("AWS::Events::Rule").items()
    assert rule["Targets"][0]["DeadLetterConfig"] == {"Arn": f"${{{FAILURES}.Arn}}"}
    [allowed] = [
        each
        for each in made.properties(f"{FAILURES}Policy")["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": f"${{{name}.Arn}}"}}
    [invocations] = made.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert invocations["FunctionName"] == f"${{{FINISH}}}"
    assert invocations["DestinationConfig"] == {"OnFailure": {"Destination": f"${{{FAILURES}.Arn}}"}}
    assert (invocations["MaximumRetryAttempts"], invocations["MaximumEventAgeInSeconds"]) == (2, 6 * 60 * 60)


# --- without it -----------------------------------------------------------------------------------------------------


def test_without_mediaconvert_nothing_of_it_is_there(template: TemplateOf) -> None:
    made = template("local")
    assert not made.of_type("AWS::Events::Rule")
    assert not {FINISH, JOB_ROLE} & set(made.resources)
    assert "mediaconvert" not in json.dumps([made.statements(role) for role in made.of_type("AWS::IAM::Role")])
    told = TranscodeSettings.from_env(environment(made, LANES[Lane.TRANSCODE]))
    assert (told.media_convert_role_arn, told.media_convert_queue_arn) == ("", "")
