"""The route of the search on the web backend's API, for the members of a group of its users."""

from __future__ import annotations

from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from lambdas.file_processing.contract import FILE_READERS
from lambdas.file_processing.contract.search import ROUTES
from stacks.file_processing.wires import Web


class Http(Construct):
    """Adds it. The attribute ``readers`` is an L2 construct."""

    def __init__(self, scope: Construct, construct_id: str, *, web: Web, search: lambda_.Function) -> None:
        super().__init__(scope, construct_id)
        self.readers = cognito.UserPoolGroup(
            self,
            "Readers",
            user_pool=web.users.pool,
            group_name=FILE_READERS,
            description="May search the text and the names of all files",
        )
        web.http.add_routes(self, ROUTES, search)
