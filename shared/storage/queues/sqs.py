"""A queue of SQS."""

from __future__ import annotations

from typing import Any, Protocol

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from shared.storage.contracts.streams import StoreUnavailable


class SqsClient(Protocol):
    """What is used of boto3's client."""

    def send_message(self, **request: Any) -> Any:  # noqa: ANN401 - as boto3 has it
        """Send one."""
        ...


class SqsQueue:
    """Keeps the contract of `Queue`."""

    def __init__(self, client: SqsClient, *, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, message: str) -> None:
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=message)
        except (ClientError, HTTPClientError, NoConnection) as error:
            raise StoreUnavailable("SQS did not take a message") from error
