"""Moto as the engine asks DynamoDB, and what it lacks: one request at a time, request tokens of transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from shared.storage.aws.json_client import Answer, Refused


class AsksMoto:
    """Asks a client of boto3's, to which moto answers in this process: HTTP between them would only cost time."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  # boto3 makes the class of a client at run time
        self._client = OneAtATime(client)

    def ask(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Have an operation carried out."""
        try:
            return Answer(getattr(self._client, xform_name(operation))(**request), 1)
        except ClientError as refused:
            told: Any = refused.response
            body = {**told, "__type": f"#{told['Error']['Code']}"}
            raise Refused(operation, told["ResponseMetadata"]["HTTPStatusCode"], body, 1) from refused


class OneAtATime:
    """A client whose requests do not run into each other: moto reads, checks and writes with nothing locked."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  # boto3 makes the class of a client at run time
        self._client = client
        self._turn = RLock()
        self._done: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # the same
        attribute = getattr(self._client, name)
        return self._in_turn(attribute) if name.islower() and callable(attribute) else attribute

    def transact_write_items(self, **request: Any) -> Any:  # noqa: ANN401  # the same
        """Carry out a transaction, unless its token says that it has been."""
        token = request["ClientRequestToken"]
        with self._turn:
            if token not in self._done:
                self._done[token] = self._client.transact_write_items(**request)
            return self._done[token]

    def _in_turn(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **request: Any) -> Any:  # noqa: ANN401  # the same
            with self._turn:
                return method(*args, **request)

        return call
