"""What each function finds on Lambda, and what its start costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.assets import functions, modules_imported_by, third_party
from tests.support.synthesis import Assembly

pytestmark = pytest.mark.xdist_group("assets")

BOTO3 = {"boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"}

COMMON = BOTO3 | {"aws_lambda_powertools", "lambdas", "msgspec", "typing_extensions"}

IMPORTS = {
    "BackupsBackupFunction": COMMON,
    "BackupsRestoreCheckFunction": COMMON | {"isal"},
    "FileProcessingRecognizeFunction": COMMON,
    "FileProcessingUnpackHandlerFunction": COMMON,
    "FileProcessingTranscodeHandlerFunction": COMMON,
    "FileProcessingExtractHandlerFunction": COMMON,
    "FileProcessingValidateHandlerFunction": COMMON,
    "FileProcessingMeasureHandlerFunction": COMMON,
    "FileProcessingIndexHandlerFunction": COMMON | {"tantivy"},
    "FileProcessingSearchHandlerFunction": COMMON - {"boto3", "s3transfer"} | {"tantivy"},
    "ImageProcessingRenderFunction": COMMON | {"PIL"},
    "IotBackendDevicesEndpointFunction": COMMON,
    "IotBackendTelemetryHandlerFunction": COMMON,
    "IotBackendReleasesAdvanceFunction": COMMON,
    "IotBackendButtonsHandlerFunction": COMMON,
    "IotBackendVoiceHandlerFunction": COMMON - {"boto3", "s3transfer"},
    "IotBackendHttpApiFunction": COMMON - {"boto3", "s3transfer"},
    "LogAnalysisAnalyzeFunction": COMMON | {"isal"},
    "MobileBackendApiFunction": COMMON - {"boto3", "s3transfer"},
    "MobileBackendPushHandlerFunction": COMMON,
    "MobileBackendDigestHandlerFunction": COMMON,
    "MobileBackendAuditHandlerFunction": COMMON,
    "StreamAnalyticsAnalyzeFunction": COMMON | {"_datasketches", "ddsketch", "isal"},
    "TableEtlLoadFunction": COMMON | {"isal"},
    "TableEtlHistoryPlanFunction": COMMON,
    "TableEtlHistoryBackfillFunction": COMMON | {"isal"},
    "TableEtlCompactionCompactFunction": COMMON | {"_duckdb", "duckdb"},
    "WebBackendApiFunction": COMMON - {"boto3", "s3transfer"},
}
"""Top-level packages that each function imports at its cold start; each further one is paid for at every start."""


@pytest.fixture(scope="module")
def modules(bundled: Callable[[str], Assembly], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Modules that the import of each function's handler leaves, from its assets alone."""
    return {
        function.name: modules_imported_by(function, tmp_path_factory.mktemp("lambda"))
        for function in functions(bundled("local"))
    }


def test_every_function_starts_from_its_assets_alone_and_imports_what_is_listed(modules: dict[str, list[str]]) -> None:
    assert set(modules) == set(IMPORTS)
    for name, imported in modules.items():
        assert sorted(third_party(imported) - IMPORTS[name]) == [], f"{name} imports more than is listed"
        assert sorted(IMPORTS[name] - third_party(imported)) == [], f"{name} no longer imports all that is listed"


UTILITIES = {"MobileBackendDigestHandlerFunction": {"parameters"}}
"""Of Powertools, beside what its logger needs; the parameters are how a function keeps a secret for a while."""


def test_of_powertools_the_logger_and_the_metrics_alone_are_loaded_but_where_secrets_are_read(
    modules: dict[str, list[str]],
) -> None:
    """Its batch processor, parser and idempotency each cost more than all else that it brings."""
    utilities = "aws_lambda_powertools.utilities."
    for name, imported in modules.items():
        loaded = {each.removeprefix(utilities).split(".")[0] for each in imported if each.startswith(utilities)}
        assert loaded == {"jmespath_utils"} | UTILITIES.get(name, set()), name
        assert [each for each in imported if each.startswith("aws_lambda_powertools.event_handler")] == [], name


def test_no_decoder_is_loaded_before_a_picture_needs_it(modules: dict[str, list[str]]) -> None:
    """Pillow's ``init`` would load all of its plugins: half a second, and decoders that are not on the whitelist."""
    imported = modules["ImageProcessingRenderFunction"]
    assert [each for each in imported if each.endswith("Plugin")] == []
