"""Minutes that pass in a deployment: what is new in a trail is marked, sealed, signed and folded."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.seal_trail import seal_trail
from shared.services.trail.sources import TrailSources
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory

A_WHILE = timedelta(days=3)


def a_minute_passes(trail: TrailSources, *, now: datetime, signer: KeyInMemory, workspace_id: str = "wks_1") -> None:
    """Do what the stream's reader and the sealing run do, for all rows of the last days."""
    trail.seals.mark(workspace_id, since=now - A_WHILE, until=now, now=now - A_MINUTE)
    seal_trail(
        now=now,
        origin=LOG_NAME,
        seals=trail.seals,
        people=trail.people,
        archive=trail.open_archive(),
        signer=signer,
    )
    fold_seals(workspace_id, seals=trail.seals, index=trail.index, archive=trail.open_archive())
