"""The schedule: seal what is new in the trail, sign the log, and account for the calls that were counted."""

from dataclasses import asdict
from typing import Any

from functions.sealer.parts import account, seal
from functions.wiring import wiring

_here = wiring()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do it once."""
    try:
        sealed = seal(_here)
    finally:  # whatever could not be sealed
        accounted = account(_here)
    return {"sealed": asdict(sealed), "accounted": asdict(accounted)}
