"""The deployed stacks as visitors meet them: an API, a website, and two people who have signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.use_cases.clients import Client
from local.use_cases.people import Person, signed_up

if TYPE_CHECKING:
    from local.cloud import Cloud

STACK = "WebBackend"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who visits, and what."""

    directory: Path
    """For files that the page shows."""
    person: Person
    """Owner of the gallery."""
    owner: Client
    stranger: Client
    """Somebody else, signed in as well."""
    anybody: Client
    """Somebody who is not."""
    site: Client
    """Somebody in front of CloudFront."""
    website: str
    """The page's address."""
    kinesis: Any
    events: str
    """Stream of analytics."""

    @classmethod
    def of(cls, cloud: Cloud, directory: Path) -> Visit:
        """Two people sign up, and in."""
        outputs = cloud.outputs[STACK]
        cognito, client_id = cloud.client("cognito-idp"), outputs["UserPoolClientId"]
        ann, bob = (signed_up(cognito, client_id, f"{name}@example.com") for name in ("ann", "bob"))
        anybody = Client(address=urlsplit(cloud.endpoint).netloc, base=urlsplit(outputs["ApiUrl"]).path)
        website = outputs["WebsiteUrl"]
        return cls(
            directory=directory,
            person=ann,
            owner=replace(anybody, headers=ann.authorization),
            stranger=replace(anybody, headers=bob.authorization),
            anybody=anybody,
            site=replace(anybody, base="", headers={"host": urlsplit(website).netloc}),
            website=website,
            kinesis=cloud.client("kinesis"),
            events=cloud.outputs["StreamAnalytics"]["EventsStreamName"],
        )
