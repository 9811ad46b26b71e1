"""The schedule: seal what is new in the trail, sign the log, and account for the calls that were counted."""

from dataclasses import asdict
from typing import Any

from functions.wiring import now, wiring
from shared.services.trail.account_calls import account_for_calls
from shared.services.trail.seal_trail import seal_trail

_here = wiring()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do it once."""
    try:
        sealed = seal_trail(
            now=now(),
            origin=_here.log_origin,
            seals=_here.seals,
            people=_here.people,
            archive=_here.archive,
            signer=_here.signer,
        )
    finally:  # whatever could not be sealed
        accounted = account_for_calls(now=now(), calls=_here.counted_calls, audit=_here.audit)
    return {"sealed": asdict(sealed), "accounted": asdict(accounted)}
