"""The event by which S3 tells that objects were created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus


def uploaded_keys(event: Mapping[str, Any]) -> Sequence[str]:
    """Name the objects; S3 writes their keys as a form does, with plus signs for spaces."""
    return [
        unquote_plus(record["s3"]["object"]["key"])
        for record in event["Records"]
        if record["eventName"].startswith("ObjectCreated:")
    ]
