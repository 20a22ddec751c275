"""Users, items, and what the function may do with them and with what other use cases made."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.blocks.users import SecondFactor, UsersConfig
from stacks.config import STAGES
from stacks.web_backend.config import WebBackendConfig
from tests.support.synthesis import Assembly
from tests.support.templates import Template
from tests.web_backend.stacks import CLIENT, ITEMS, POOL, ROLE, TemplateOf, configured

pytestmark = pytest.mark.xdist_group("synth")

every_stage = pytest.mark.parametrize("stage", STAGES)


@pytest.fixture
def template(assembly: Callable[[str], Assembly]) -> TemplateOf:
    return lambda stage: assembly(stage).templates["WebBackend"]


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage whose users have more to do, and are better protected."""
    users = UsersConfig(
        second_factor=SecondFactor.REQUIRED, password_length=20, threat_protection=True, sender="shop@example.com"
    )
    return configured(WebBackendConfig(users=users), tmp_path_factory.mktemp("strict"))


# --- users ----------------------------------------------------------------------------------------------------------


@every_stage
def test_users_sign_up_by_themselves_and_in_by_an_address_that_they_proved(template: TemplateOf, stage: str) -> None:
    pool = template(stage).properties(POOL)
    assert pool["UsernameAttributes"] == pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": False}
    assert pool["VerificationMessageTemplate"]["DefaultEmailOption"] == "CONFIRM_WITH_CODE"
    assert pool["AccountRecoverySetting"] == {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}


@every_stage
def test_passwords_are_strong(template: TemplateOf, stage: str) -> None:
    assert template(stage).properties(POOL)["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 12,
        "RequireLowercase": True,
        "RequireUppercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
    }


@every_stage
def test_a_second_factor_is_an_authenticator_app_and_the_users_choice(template: TemplateOf, stage: str) -> None:
    pool = template(stage).properties(POOL)
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])


@every_stage
def test_plan_is_the_one_that_costs_least(template: TemplateOf, stage: str) -> None:
    pool = template(stage).properties(POOL)
    assert (pool["UserPoolTier"], pool.get("UserPoolAddOns")) == ("LITE", None)


@every_stage
def test_sign_in_tells_nobody_which_addresses_there_are(template: TemplateOf, stage: str) -> None:
    assert template(stage).properties(CLIENT)["PreventUserExistenceErrors"] == "ENABLED"


@every_stage
def test_client_is_for_a_page_which_can_keep_no_secret(template: TemplateOf, stage: str) -> None:
    client = template(stage).properties(CLIENT)
    assert not client.get("GenerateSecret")
    flows = {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert set(client["ExplicitAuthFlows"]) == flows
    assert client["AllowedOAuthFlowsUserPoolClient"] is False


@every_stage
def test_tokens_last_an_hour_and_can_be_taken_back(template: TemplateOf, stage: str) -> None:
    client = template(stage).properties(CLIENT)
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}
    assert (client["AccessTokenValidity"], client["IdTokenValidity"]) == (60, 60)
    assert client["RefreshTokenValidity"] == 30 * 24 * 60
    assert client["EnableTokenRevocation"] is True


@pytest.mark.parametrize(
    ("stage", "policy", "protection"),
    [("local", "Delete", "INACTIVE"), ("dev", "Delete", "INACTIVE"), ("prod", "Retain", "ACTIVE")],
)
def test_users_and_items_stay_where_the_stage_keeps_data(
    template: TemplateOf, stage: str, policy: str, protection: str
) -> None:
    for name in (POOL, ITEMS):
        assert template(stage).resources[name]["DeletionPolicy"] == policy
    assert template(stage).properties(POOL)["DeletionProtection"] == protection
    [replica] = template(stage).properties(ITEMS)["Replicas"]
    assert replica.get("DeletionProtectionEnabled", False) is (protection == "ACTIVE")


def test_a_stage_can_ask_more_of_users_and_protect_them_better(strict: Template) -> None:
    pool = strict.properties(POOL)
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 20
    assert (pool["UserPoolTier"], pool["UserPoolAddOns"]) == ("PLUS", {"AdvancedSecurityMode": "ENFORCED"})


def test_page_asks_for_passwords_as_long_as_the_stage_wants_them(strict: Template) -> None:
    assert json.loads(strict.outputs["WebsiteConfig"])["passwordLength"] == 20


def test_codes_can_be_mailed_from_an_own_address(strict: Template) -> None:
    mails = strict.properties(POOL)["EmailConfiguration"]
    assert (mails["EmailSendingAccount"], mails["From"]) == ("DEVELOPER", "shop@example.com")


# --- items ----------------------------------------------------------------------------------------------------------


@every_stage
def test_items_are_kept_by_user_and_what_is_not_for_good_expires(template: TemplateOf, stage: str) -> None:
    items = template(stage).properties(ITEMS)
    assert items["KeySchema"] == [
        {"AttributeName": "user_id", "KeyType": "HASH"},
        {"AttributeName": "entry", "KeyType": "RANGE"},
    ]
    assert items["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert items["BillingMode"] == "PAY_PER_REQUEST"
    [replica] = items["Replicas"]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


# --- rights ---------------------------------------------------------------------------------------------------------

OWN: list[dict[str, Any]] = [
    {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": ["${WebBackendApiLogs.Arn}"]},
    {"Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "Resource": ["*"]},
    {
        "Action": [
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "Resource": ["${WebBackendItems.Arn}"],
    },
]
PICTURES = [
    {"Action": ["s3:PutObject"], "Resource": ["${ImageProcessing/ImageProcessingUploads.Arn}/users/*"]},
    {"Action": ["s3:GetObject"], "Resource": ["${ImageProcessing/ImageProcessingRenditions.Arn}/renditions/*"]},
    {"Action": ["s3:ListBucket"], "Resource": ["${ImageProcessing/ImageProcessingRenditions.Arn}"]},
    {"Action": ["dynamodb:GetItem"], "Resource": ["${ImageProcessing/ImageProcessingCatalog.Arn}"]},
]
METRICS = "${StreamAnalytics/StreamAnalyticsMetrics.Arn}"
READ_MODEL = "${TableEtl/TableEtlTargetsReadModel.Arn}"
QUERIES = [{"Action": ["dynamodb:Query"], "Resource": [METRICS, READ_MODEL, f"{READ_MODEL}/index/by-view"]}]
SHOP = [{"Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": ["${TableEtl/TableEtlSource.Arn}"]}]


@every_stage
def test_function_may_do_what_its_adapters_call_and_nothing_else(template: TemplateOf, stage: str) -> None:
    assert template(stage).statements(ROLE) == [*OWN, *PICTURES, *QUERIES, *SHOP]


def test_function_of_a_stack_that_is_wired_to_nothing_may_touch_its_own_alone(strict: Template) -> None:
    assert strict.statements(ROLE) == OWN
