"""The schedule: seal what is new in the trail, and sign the log."""

from dataclasses import asdict
from typing import Any

from functions.wiring import now, wiring
from shared.services.trail.seal_trail import seal_trail

_here = wiring()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Seal once."""
    done = seal_trail(
        now=now(),
        origin=_here.log_origin,
        seals=_here.seals,
        people=_here.people,
        archive=_here.archive,
        signer=_here.signer,
    )
    return asdict(done)
