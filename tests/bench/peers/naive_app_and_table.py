"""The same app with a tool that writes each call to a table, by a client of boto3 that is made when it is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import boto3  # noqa: TID251 - it is measured

from tests.bench.peers.naive_app import handler, server

__all__ = ["handler"]
dynamodb = cast("Callable[..., Any]", boto3.client)("dynamodb")


@server.tool()
def echo_and_write(text: str) -> str:
    """Echo, and write it down."""
    dynamodb.put_item(TableName="audit-table", Item={"pk": {"S": "naive"}, "sk": {"S": "call"}, "said": {"S": text}})
    return text
