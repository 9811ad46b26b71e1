"""The schedule: record what has become due."""

from dataclasses import asdict
from typing import Any

from functions.wiring import now, wiring
from shared.services.sweep import sweep


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Sweep once."""
    wired = wiring()
    swept = sweep(now=now(), request_id=context.aws_request_id, keys=wired.credential_keys, tokens=wired.tokens)
    return asdict(swept)
