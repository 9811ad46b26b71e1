"""What moto lacks, added around its client: one request at a time, and request tokens of DynamoDB's transactions."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any


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
