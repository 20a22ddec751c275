"""REST APIs under a host name of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as certificates
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A host name, with a certificate for it in the API's region. Its DNS record is made by hand."""

    name: str
    certificate_arn: str


def own_domain(
    scope: Construct, domain: Domain, api: apigateway.RestApi, stage: apigateway.Stage
) -> apigateway.DomainName:
    """Puts a stage under the host name, for clients that know TLS 1.2."""
    made = apigateway.DomainName(
        scope,
        "Domain",
        domain_name=domain.name,
        certificate=certificates.Certificate.from_certificate_arn(scope, "Certificate", domain.certificate_arn),
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=apigateway.SecurityPolicy.TLS_1_2,
    )
    made.add_base_path_mapping(api, stage=stage)
    return made
