"""The trail of every tenant as it is some minutes after it was written: sealed, archived, and folded as far as it goes.

The log holds the seals of all workspaces, and is the one thing that they share: who reads a proof learns how many seals
there are in all, and hashes. So it is the same in every world, and nothing is sealed during a walk.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.seal_trail import seal_trail
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory
from tests.walls.tenants import TENANTS, Side
from tests.walls.world import World


def seal(world: World, *, since: datetime, until: datetime, signer: KeyInMemory, folded: Iterable[Side]) -> None:
    """Seal what every tenant's trail has new between two moments, and fold what is sealed of some of them."""
    on = world.inside
    for tenant in TENANTS.values():
        on.seals.mark(tenant.workspace_id, since=since, until=until, now=until)
    done = seal_trail(
        now=until + A_MINUTE, origin=LOG_NAME, seals=on.seals, people=on.people, archive=on.archive, signer=signer
    )
    assert done.seals >= len(TENANTS), "a tenant without a new seal"
    for side in folded:
        fold_seals(TENANTS[side].workspace_id, seals=on.seals, index=on.trail_index, archive=on.archive)
