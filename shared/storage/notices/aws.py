"""An SNS topic, and SES in its second version."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from shared.storage.contracts.notices import Addressee, MailRefused, Message, WayBlocked
from shared.storage.notices.documents import as_json

FOR_GOOD = frozenset({"BadRequestException", "MailFromDomainNotVerifiedException", "MessageRejected"})
"""What SES says of a letter that it will not take from this sender, or for this address, tomorrow either.

A sender or, in the sandbox, an addressee who is not verified is a `MessageRejected`. Everything else, a missing right
and a suspended account too, is for somebody to mend: it is tried again, and in the end rings.
"""
EVENT_HEADER = "X-Merchant-Mcp-Event"
"""SES writes a Message-ID of its own."""


class SnsClient(Protocol):
    """What we use of boto3's client."""

    def publish(self, **request: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Publish a message."""
        ...


class SesClient(Protocol):
    """What we use of boto3's client of `sesv2`."""

    def send_email(self, **request: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Send a letter."""
        ...


class SnsTopic:
    """Keeps the contract of `Topic`. Subscribers by e-mail get the text, all others the JSON."""

    def __init__(self, client: SnsClient, *, arn: str) -> None:
        self._client = client
        self._arn = arn

    def publish(self, message: Message) -> None:
        told = {"type": message.type, "workspace": message.workspace_id}
        with _told_as_blocked():
            self._client.publish(
                TopicArn=self._arn,
                Subject=f"Merchant MCP: {message.type}",  # SNS takes ASCII here, and no more than 100 characters
                Message=json.dumps({"default": as_json(message), "email": message.text}),
                MessageStructure="json",
                MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
            )


class SesMail:
    """Keeps the contract of `Mail`."""

    def __init__(self, client: SesClient, *, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, message: Message, to: Addressee) -> None:
        with _told_as_blocked():
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [to.address]},
                Content={
                    "Simple": {
                        "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
                        "Headers": [{"Name": EVENT_HEADER, "Value": message.event_id}],
                    }
                },
            )


@contextmanager
def _told_as_blocked() -> Generator[None]:
    """Keep what AWS says to its code: its messages repeat addresses."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code in FOR_GOOD:
            raise MailRefused(code) from None
        raise WayBlocked(code) from None
    except (HTTPClientError, NoConnection) as error:
        raise WayBlocked(type(error).__name__) from None
