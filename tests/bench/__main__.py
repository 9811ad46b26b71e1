"""Print what calls, starts, sweeps and changes cost: `make bench`, or parts of it: `make bench PARTS="sweep races"`.

On a shared machine the clock on the wall measures the neighbours too, so the processor's time is counted wherever it
says enough. What is compared takes turns: what slows the machine down slows both. Ratios hold on other machines, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench.beside_plain_app import say_beside_plain_app
from tests.bench.copies import say_copies
from tests.bench.fitting import say_fitting
from tests.bench.importing import say_imports
from tests.bench.kills import say_kills
from tests.bench.life import say_life
from tests.bench.listing import say_listing
from tests.bench.projector import say_projector
from tests.bench.queries import say_queries
from tests.bench.races import say_races
from tests.bench.reading import say_reading
from tests.bench.rebuilding import say_rebuilding
from tests.bench.removing import say_removal
from tests.bench.sealing import say_sealing
from tests.bench.secret_hash import say_secret_hashes
from tests.bench.starts import say_starts
from tests.bench.sweeping import say_sweep
from tests.bench.verifying import say_verifying

COSTS: dict[str, Callable[[], None]] = {
    "calls": say_beside_plain_app,
    "hashes": say_secret_hashes,
    "starts": say_starts,
    "copies": say_copies,
    "sweep": say_sweep,
    "removal": say_removal,
    "seals": say_sealing,
}
"""What is printed where no part is named."""
PARTS = COSTS | {
    "queries": say_queries,
    "imports": say_imports,
    "reading": say_reading,
    "fitting": say_fitting,
    "verify": say_verifying,
    "rebuild": say_rebuilding,
    "kills": say_kills,
    "life": say_life,
    "races": say_races,
    "projector": say_projector,
    "listing": say_listing,
}
"""Those that take minutes, or cost nothing worth a figure, are printed where they are named."""

if __name__ == "__main__":
    chosen = sys.argv[1:] or [*COSTS]
    if unknown := [name for name in chosen if name not in PARTS]:
        sys.exit(f"There is no part {', '.join(unknown)}; there are: {', '.join(PARTS)}.")
    for name in chosen:
        PARTS[name]()
