"""What is deployed for image processing: rights, triggers, failure settings, the function, outputs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stacks.config import STAGES
from tests.support.synthesis import Assembly
from tests.support.templates import Template

pytestmark = pytest.mark.xdist_group("synth")

in_the_cloud = pytest.mark.parametrize("stage", ["dev", "prod"])

TemplateOf = Callable[[str], Template]

RENDER = "ImageProcessingRenderFunction"
RENDER_ROLE = "ImageProcessingRenderRole"


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["ImageProcessing"]


# --- rights ---------------------------------------------------------------------------------------------------------

RENDER_STATEMENTS = [
    {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": ["${ImageProcessingRenderLogs.Arn}"]},
    {
        "Action": [
            "rekognition:DetectLabels",
            "rekognition:DetectModerationLabels",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        "Resource": ["*"],
    },
    {
        "Action": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
        "Resource": ["${ImageProcessingFailures.Arn}"],
    },
    {"Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": ["${ImageProcessingUploads.Arn}/*"]},
    {
        "Action": ["s3:ListBucket"],
        "Resource": ["${ImageProcessingRenditions.Arn}", "${ImageProcessingUploads.Arn}"],
    },
    {"Action": ["s3:DeleteObject", "s3:PutObject"], "Resource": ["${ImageProcessingRenditions.Arn}/renditions/*"]},
    {"Action": ["s3:AbortMultipartUpload", "s3:PutObject"], "Resource": ["${ImageProcessingQuarantine.Arn}/*"]},
    {
        "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        "Resource": ["${ImageProcessingCatalog.Arn}"],
    },
]
SETS_NOTIFICATIONS = [{"Action": ["s3:PutBucketNotification"], "Resource": ["${ImageProcessingUploads.Arn}"]}]


@in_the_cloud
def test_roles_may_do_exactly_this(template: TemplateOf, stage: str) -> None:
    dev = template(stage)
    assert {role: dev.statements(role) for role in dev.of_type("AWS::IAM::Role")} == {
        RENDER_ROLE: RENDER_STATEMENTS,
        "BucketNotificationsRole": SETS_NOTIFICATIONS,
    }


@pytest.mark.parametrize("stage", STAGES)
def test_function_cannot_write_to_the_bucket_that_triggers_it(template: TemplateOf, stage: str) -> None:
    reading = {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    for statement in template(stage).statements(RENDER_ROLE):
        touches_uploads = any("ImageProcessingUploads" in each or each == "*" for each in statement["Resource"])
        if touches_uploads:
            assert {each for each in statement["Action"] if each.startswith("s3:")} <= reading


def test_stage_without_recognition_asks_for_no_right_to_it(template: TemplateOf) -> None:
    local = template("local")
    assert local.properties(RENDER)["Environment"]["Variables"]["RECOGNITION"] == "false"
    assert "rekognition:" not in local.snapshot()


@in_the_cloud
def test_recognition_is_on_in_the_cloud(template: TemplateOf, stage: str) -> None:
    assert template(stage).properties(RENDER)["Environment"]["Variables"]["RECOGNITION"] == "true"


# --- triggers and failures ------------------------------------------------------------------------------------------


@in_the_cloud
def test_every_creation_removal_and_expiration_invokes_the_function(template: TemplateOf, stage: str) -> None:
    [notifications] = template(stage).of_type("Custom::S3BucketNotifications").values()
    assert notifications["BucketName"] == "${ImageProcessingUploads}"
    assert notifications["NotificationConfiguration"] == {
        "LambdaFunctionConfigurations": [
            {"Events": [event], "LambdaFunctionArn": f"${{{RENDER}.Arn}}"}
            for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:LifecycleExpiration:*")
        ]
    }


@in_the_cloud
def test_only_this_account_s_uploads_bucket_may_invoke_the_function(template: TemplateOf, stage: str) -> None:
    assert list(template(stage).of_type("AWS::Lambda::Permission").values()) == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": f"${{{RENDER}.Arn}}",
            "Principal": "s3.amazonaws.com",
            "SourceAccount": "${AWS::AccountId}",
            "SourceArn": "${ImageProcessingUploads.Arn}",
        }
    ]


@in_the_cloud
def test_failed_events_are_retried_and_then_kept_whole(template: TemplateOf, stage: str) -> None:
    assert list(template(stage).of_type("AWS::Lambda::EventInvokeConfig").values()) == [
        {
            "DestinationConfig": {"OnFailure": {"Destination": "${ImageProcessingFailures.Arn}"}},
            "FunctionName": f"${{{RENDER}}}",
            "MaximumEventAgeInSeconds": 6 * 60 * 60,
            "MaximumRetryAttempts": 2,
            "Qualifier": "$LATEST",
        }
    ]


# --- function -------------------------------------------------------------------------------------------------------


@in_the_cloud
def test_function_runs_as_experts_would_run_it(template: TemplateOf, stage: str) -> None:
    function = template(stage).properties(RENDER)
    assert {name: function[name] for name in function if name not in {"Code", "Environment", "Description"}} == {
        "Architectures": ["arm64"],
        "Handler": "lambdas.image_processing.render.handler",
        "Layers": ["${CommonLayer}", "${RenderLayer}"],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "${ImageProcessingRenderLogs}"},
        "MemorySize": 1769,
        "Role": f"${{{RENDER_ROLE}.Arn}}",
        "Runtime": "python3.13",
        "Timeout": 120,
        "TracingConfig": {"Mode": "Active"},
    }


@pytest.mark.parametrize(("stage", "days"), [("local", 1), ("dev", 14), ("prod", 90)])
def test_logs_are_kept_for_as_long_as_the_stage_says(template: TemplateOf, stage: str, days: int) -> None:
    assert template(stage).of_type("AWS::Logs::LogGroup") == {"ImageProcessingRenderLogs": {"RetentionInDays": days}}


@pytest.mark.parametrize("stage", STAGES)
def test_outputs_are_what_users_and_tools_look_up(template: TemplateOf, stage: str) -> None:
    assert template(stage).outputs == {
        "UploadsBucketName": "${ImageProcessingUploads}",
        "RenditionsBucketName": "${ImageProcessingRenditions}",
        "QuarantineBucketName": "${ImageProcessingQuarantine}",
        "CatalogTableName": "${ImageProcessingCatalog}",
        "FailureQueueUrl": "${ImageProcessingFailures}",
    }
