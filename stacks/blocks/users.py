"""Users who sign up and in by e-mail: a Cognito user pool and its one client."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec
from aws_cdk import Aws, Duration
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from stacks.blocks.fields import check_fields
from stacks.blocks.nag import acknowledge
from stacks.blocks.policy import SharedPolicy

_OPTIONAL = "users decide whether they want a second factor, unless the stage demands one of everybody"
_NO_THREAT_PROTECTION = (
    "threat protection is billed for every active user, with no free tier; the config switches it on"
)


class SecondFactor(StrEnum):
    """Who signs in with a code of an authenticator app beside the password."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, kw_only=True)
class UsersConfig:
    """What is asked of users; prices and limits by "Amazon Cognito pricing" and "Quotas in Amazon Cognito".

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    second_factor: SecondFactor = SecondFactor.OPTIONAL
    password_length: Annotated[int, msgspec.Meta(ge=12, le=99)] = 12
    """Least characters of a password, which has lower and upper case letters, digits and symbols."""
    threat_protection: bool = False
    """Refuse leaked passwords and strange sign-ins: plan Plus, at 2 cents a month for each user who is active, where
    the plan Lite has 10,000 of them free and takes half a cent for each further one."""
    sender: str | None = None
    """Address, verified with Amazon SES in this region, that codes are mailed from. Without one Cognito mails from its
    own, 50 mails a day."""

    def __post_init__(self) -> None:
        check_fields(self)


class Users(Construct):
    """Who may use an API; an access token of theirs, for ``client``, lasts an hour.

    Nobody learns by signing in, or by asking for a new password, which addresses there are. Signing up does tell: it
    says that an address is taken.

    Attributes are L2 constructs: ``pool``, ``client``.
    """

    def __init__(self, scope: Construct, construct_id: str, config: UsersConfig, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id)
        self.pool = self._pool(config, shared)
        self.client = self.pool.add_client(
            "Client",
            # The page sends the password to Cognito over TLS. Secure remote password, for those who would rather not,
            # keeps it from Cognito alone, which has been shown it at sign-up anyhow, and takes a library in the page.
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(30),
        )

    @property
    def issuer(self) -> str:
        """Of the tokens, their claim ``iss``."""
        return f"https://{self.pool.user_pool_provider_name}"

    def _pool(self, config: UsersConfig, shared: SharedPolicy) -> cognito.UserPool:
        protected = config.threat_protection
        pool = cognito.UserPool(
            self,
            "Pool",
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            self_sign_up_enabled=True,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            # Else a typing error in a new address would lock its user out.
            keep_original=cognito.KeepOriginalAttrs(email=True),
            user_verification=cognito.UserVerificationConfig(
                # One text for new accounts, new addresses and new passwords.
                email_style=cognito.VerificationEmailStyle.CODE,
                email_subject="Your code",
                email_body="Your code is {####}",
            ),
            password_policy=cognito.PasswordPolicy(
                min_length=config.password_length,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
            ),
            mfa=cognito.Mfa[config.second_factor.name],
            mfa_second_factor=None
            if config.second_factor is SecondFactor.OFF
            else cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            email=cognito.UserPoolEmail.with_ses(from_email=config.sender, ses_region=Aws.REGION)
            if config.sender
            else None,
            feature_plan=cognito.FeaturePlan.PLUS if protected else cognito.FeaturePlan.LITE,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION if protected else None,
            deletion_protection=shared.retain_data,
            removal_policy=shared.removal_policy,
        )
        if config.second_factor is not SecondFactor.REQUIRED:
            acknowledge(pool, {"AwsSolutions-COG2": _OPTIONAL})
        if not protected:
            acknowledge(pool, {"AwsSolutions-COG8": _NO_THREAT_PROTECTION})
        return pool
