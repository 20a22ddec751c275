"""What `make up` tells to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import environment
from local.cloud import Cloud
from local.environment import Workplace
from local.journal import Journal
from local.up import instructions


def test_endpoint_credentials_and_an_example_of_each_use_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "BUILD", tmp_path)
    cloud = Cloud(Workplace(4999), Journal())
    cloud.outputs = {
        "ImageProcessing": {"UploadsBucketName": "in-bucket", "RenditionsBucketName": "out-bucket"},
        "StreamAnalytics": {"MetricsTableName": "metrics-table"},
        "TableEtl": {"SourceTableName": "source-table", "ReadModelTableName": "read-model"},
        "WebBackend": {"WebsiteUrl": "http://label.cloudfront.localhost:4999", "ApiUrl": "http://127.0.0.1:4999/web"},
        "MobileBackend": {
            "RestApiUrl": "https://id.execute-api.us-east-1.amazonaws.com/v1/",
            "UserPoolClientId": "client-id",
            "ApiKeyId": "key-id",
        },
        "Backups": {"BackupFunctionName": "backup-function"},
        "IotBackend": {
            "DeviceTableName": "device-table",
            "ReleaseTableName": "release-table",
            "TargetFunctionName": "target",
            "TargetAliasName": "live",
            "TargetAlarmName": "alarm",
        },
        "LogAnalysis": {"DemoLogGroupNames": "/demo/1,/demo/2,/demo/3"},
        "FileProcessing": {
            "InboxBucketName": "inbox-bucket",
            "ProductsBucketName": "products-bucket",
            "QuarantineBucketName": "files-quarantine",
            "FileCatalogTableName": "file-catalog",
            "MetricsTableName": "file-metrics",
            "FailureQueueUrl": "http://127.0.0.1:4999/000000000000/failures",
            "IndexFailureQueueUrl": "http://127.0.0.1:4999/000000000000/index-failures.fifo",
            "SearchFunctionName": "search-function",
        },
    }
    lines = instructions(cloud).splitlines()
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:4999" in lines
    assert "export AWS_ACCESS_KEY_ID=test" in lines
    assert "export AWS_SECRET_ACCESS_KEY=test" in lines
    assert "export AWS_REGION=us-east-1" in lines
    assert any(line.startswith("aws s3 cp ") for line in lines)
    assert any(" -m tools produce clickstream " in line for line in lines)
    assert any(line.startswith("aws dynamodb query --table-name metrics-table ") for line in lines)
    assert any(line.startswith("aws dynamodb put-item --table-name source-table ") for line in lines)
    assert any(line.startswith("aws dynamodb query --table-name read-model ") for line in lines)
    assert any("http://label.cloudfront.localhost:4999" in line and "code 123456" in line for line in lines)
    assert "curl --include http://127.0.0.1:4999/web/health" in lines
    assert any(line.startswith("aws cognito-idp sign-up --client-id client-id ") for line in lines)
    assert any(line.startswith("key=$(aws apigateway get-api-key --api-key key-id ") for line in lines)
    assert any(line.startswith('curl "$AWS_ENDPOINT_URL/_aws/execute-api/id/v1/notifications" ') for line in lines)
    assert any(" aws lambda invoke --function-name backup-function " in line for line in lines)
    assert any(" -m tools restore notes " in line for line in lines)
    assert any(line.startswith("aws logs put-log-events --log-group-name /demo/1 ") for line in lines)
    assert any(" -m tools signatures " in line for line in lines)
    assert "aws s3 cp README.md s3://inbox-bucket/mine/" in lines
    assert any(" -m tools search " in line for line in lines)
    assert any(line.startswith("export MQTT_PORT=9316 MQTT_CA=") and "iot-ca.pem" in line for line in lines)
    assert any(" -m tools enrol my-button --kind button " in line for line in lines)
    assert any(" button/my-button/press " in line for line in lines)
    assert "aws lambda publish-version --function-name target" in lines
    assert str(tmp_path / "4999" / "outputs.json") in lines[1]
