"""The events by which the importer hears of files: S3 tells of new ones, our own queue of those that are half read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

QUEUE = "aws:sqs"


def keys_to_import(event: Mapping[str, Any]) -> Sequence[str]:
    """Name the objects; S3 writes their keys as a form does, with plus signs for spaces."""
    return [
        record["body"] if record["eventSource"] == QUEUE else unquote_plus(record["s3"]["object"]["key"])
        for record in event["Records"]
        if record["eventSource"] == QUEUE or record["eventName"].startswith("ObjectCreated:")
    ]
