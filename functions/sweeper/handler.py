"""The schedule: record what has become due."""

from dataclasses import asdict
from typing import Any

from functions.wiring import now, wiring
from shared.services.sweep import sweep

_here = wiring()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Sweep once."""
    swept = sweep(
        now=now(),
        request_id=context.aws_request_id,
        keys=_here.credential_keys,
        tokens=_here.tokens,
        workspaces=_here.workspaces,
        evidence=_here.evidence,
        meter=_here.metrics.sweep_lag,
    )
    return asdict(swept)
