"""Entry point of the CDK: the stage comes from context, ``-c stage=prod``; so does an emulator's ``endpoint``."""

from __future__ import annotations

from aws_cdk import App

from stacks.compose import compose
from stacks.config import stage_named

app = App()
compose(app, stage_named(app.node.try_get_context("stage"), app.node.try_get_context("endpoint")))
app.synth()
