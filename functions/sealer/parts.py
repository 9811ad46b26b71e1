"""The two things that a run does, with what they need of their surroundings."""

from functions.wiring import Wiring, now
from shared.services.trail.account_calls import Accounted, account_for_calls
from shared.services.trail.seal_trail import SealingDone, seal_trail


def seal(here: Wiring) -> SealingDone:
    """Seal what is new, and sign the log."""
    return seal_trail(
        now=now(),
        origin=here.log_origin,
        seals=here.seals,
        people=here.people,
        archive=here.archive,
        signer=here.signer,
        meter=here.metrics.seal_lag,
    )


def account(here: Wiring) -> Accounted:
    """Look for the rows of calls that were counted."""
    return account_for_calls(
        now=now(), calls=here.counted_calls, audit=here.audit, meter=here.metrics.unaccounted_calls
    )
