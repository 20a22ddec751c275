"""Fields as AWS AppSync asks a direct Lambda resolver for them.

AWS AppSync Developer Guide, "Direct Lambda resolvers" and "Resolver mapping template context reference" (identity of
Amazon Cognito user pools).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def event(
    field: str, arguments: Mapping[str, Any], *, user_id: str, groups: Sequence[str] | None = None
) -> dict[str, Any]:
    """One field of one request of a signed-in user."""
    claims = {"sub": user_id, "token_use": "access", "username": user_id}
    return {
        "arguments": dict(arguments),
        "identity": {
            "claims": claims | ({"cognito:groups": list(groups)} if groups else {}),
            "defaultAuthStrategy": "ALLOW",
            "groups": list(groups) if groups else None,
            "issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abcdefghi",
            "sourceIp": ["192.0.2.1"],
            "sub": user_id,
            "username": user_id,
        },
        "source": None,
        "request": {"headers": {"host": "id.appsync-api.us-east-1.amazonaws.com"}, "domainName": None},
        "prev": None,
        "info": {
            "fieldName": field,
            "parentTypeName": "Mutation",
            "selectionSetList": [],
            "selectionSetGraphQL": "{}",
            "variables": {},
        },
        "stash": {},
    }
