"""AWS WAF in front of a stage of a REST API."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

REQUESTS_OF_AN_ADDRESS = 2_000
"""In five minutes; whole mobile networks share a few addresses."""


class Firewall(Construct):
    """Refuses what attacks look like, and addresses that send too much.

    About 7 dollars a month for the list and its two rules, and 60 cents for a million requests.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage_arn: str) -> None:
        super().__init__(scope, construct_id)
        rules = [
            self._rule(
                "AddressRate",
                0,
                waf.CfnWebACL.StatementProperty(
                    rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                        aggregate_key_type="IP", limit=REQUESTS_OF_AN_ADDRESS
                    )
                ),
                action=waf.CfnWebACL.RuleActionProperty(block={}),
            ),
            self._rule(
                "CommonAttacks",
                1,
                waf.CfnWebACL.StatementProperty(
                    managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                        vendor_name="AWS",
                        name="AWSManagedRulesCommonRuleSet",
                        # Refuses bodies of more than 8 KB; the function has a limit of its own.
                        rule_action_overrides=[
                            waf.CfnWebACL.RuleActionOverrideProperty(
                                name="SizeRestrictions_BODY", action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                            )
                        ],
                    )
                ),
                override=waf.CfnWebACL.OverrideActionProperty(none={}),
            ),
        ]
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            rules=rules,
            visibility_config=self._metrics("All"),
        )
        waf.CfnWebACLAssociation(self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn)

    def _rule(
        self,
        name: str,
        priority: int,
        statement: waf.CfnWebACL.StatementProperty,
        *,
        action: waf.CfnWebACL.RuleActionProperty | None = None,
        override: waf.CfnWebACL.OverrideActionProperty | None = None,
    ) -> waf.CfnWebACL.RuleProperty:
        return waf.CfnWebACL.RuleProperty(
            name=name,
            priority=priority,
            statement=statement,
            action=action,
            override_action=override,
            visibility_config=self._metrics(name),
        )

    def _metrics(self, name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
        return waf.CfnWebACL.VisibilityConfigProperty(
            metric_name=f"{Stack.of(self).stack_name}{name}",
            cloud_watch_metrics_enabled=True,
            sampled_requests_enabled=True,
        )
