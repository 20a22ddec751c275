"""Amazon SNS: the topic, and what it delivers to devices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.mobile_backend.contract import CHANNELS_ATTRIBUTE, Message
from lambdas.mobile_backend.domain.banners import payload
from lambdas.mobile_backend.domain.devices import Registered
from lambdas.mobile_backend.ports import DeviceGoneError, TokenRefusedError

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

_THERE = re.compile(r"Endpoint (arn:\S+) already exists with the same Token")
_REFUSED = re.compile(r"Invalid parameter: Token Reason: (?P<reason>.+)")
_NO_ENDPOINT = "No endpoint found"

_json = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class SnsTopic:
    """The `Topic` in SNS."""

    client: SNSClient
    topic_arn: str

    def publish(self, message: Message) -> None:
        """Publishes the message as JSON, with its channels as the attribute that subscriptions filter by."""
        channels = _json(message.channels).decode()
        with aws_call("publish a notification"):
            self.client.publish(
                TopicArn=self.topic_arn,
                Message=_json(message).decode(),
                MessageAttributes={CHANNELS_ATTRIBUTE: {"DataType": "String.Array", "StringValue": channels}},
            )


@dataclass(frozen=True)
class SnsEndpoints:
    """The `Endpoints` in SNS.

    Steps by "Mobile push: creating a platform endpoint and managing device tokens" (Amazon SNS Developer Guide), less
    the reading: writing what is so already costs as much.
    """

    client: SNSClient

    def create(self, application: str, token: str) -> str:
        """The endpoint of the token, enabled: SNS disables one once its platform says that the token is invalid."""
        with aws_call("create a platform endpoint"):
            endpoint = self._created(application, token)
            self.client.set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Token": token, "Enabled": "true"})
        return endpoint

    def _created(self, application: str, token: str) -> str:
        try:
            return self.client.create_platform_endpoint(PlatformApplicationArn=application, Token=token)["EndpointArn"]
        except ClientError as error:
            text = error.response["Error"]["Message"]
            if there := _THERE.search(text):
                return there[1]
            if has_code(error, {"InvalidParameter"}) and (refused := _REFUSED.search(text)):
                raise TokenRefusedError(refused["reason"]) from error
            raise


@dataclass(frozen=True)
class SnsPush:
    """The `PushSender` by SNS."""

    client: SNSClient

    def send(self, device: Registered, message: Message) -> None:
        """Publishes to the device's endpoint; the notification's id is what platforms tell banners apart by."""
        with aws_call(f"push to a device of {device.platform}"):
            try:
                self.client.publish(
                    TargetArn=device.endpoint or "",
                    Message=payload(device.platform, message),
                    MessageStructure="json",
                    MessageAttributes=_collapsing(message.notification_id),
                )
            except ClientError as error:
                if _is_gone(error):
                    raise DeviceGoneError(device.device_id) from error
                raise


def _collapsing(notification_id: str) -> dict[str, MessageAttributeValueTypeDef]:
    """Headers for APNs; SNS keeps them from other platforms."""
    return {
        "AWS.SNS.MOBILE.APNS.COLLAPSE_ID": {"DataType": "String", "StringValue": notification_id},
        "AWS.SNS.MOBILE.APNS.PUSH_TYPE": {"DataType": "String", "StringValue": "alert"},
    }


def _is_gone(error: ClientError) -> bool:
    if has_code(error, {"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"}):
        return True
    return has_code(error, {"InvalidParameter"}) and _NO_ENDPOINT in error.response["Error"]["Message"]
