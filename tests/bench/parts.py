"""The parts of the benchmark, by the names that `make bench PARTS=...` and the pages of docs know them by."""

from __future__ import annotations

from collections.abc import Callable

from tests.bench.cold import say_cold
from tests.bench.copies import say_copies
from tests.bench.fitting import say_fitting
from tests.bench.growth import say_growth
from tests.bench.hot_keys import say_hot_keys
from tests.bench.importing import say_imports
from tests.bench.kills import say_kills
from tests.bench.life import say_life
from tests.bench.listing import say_listing
from tests.bench.load import say_load
from tests.bench.money import say_money, say_prices
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
from tests.bench.timing import say_timing
from tests.bench.verifying import say_verifying
from tests.bench.warm import say_warm
from tests.faults.table import say_faults
from tests.security.table import say_attacks

USUAL: dict[str, Callable[[], None]] = {
    "warm": say_warm,
    "cold": say_cold,
    "hashes": say_secret_hashes,
    "starts": say_starts,
    "copies": say_copies,
    "sweep": say_sweep,
    "removal": say_removal,
    "seals": say_sealing,
    "money": say_money,
    "prices": say_prices,
    "hot-keys": say_hot_keys,
    "load": say_load,
    "growth": say_growth,
}
"""What is said where no part is named, in twenty minutes or so."""
PARTS = USUAL | {
    "queries": say_queries,
    "imports": say_imports,
    "reading": say_reading,
    "fitting": say_fitting,
    "verify": say_verifying,
    "rebuild": say_rebuilding,
    "kills": say_kills,
    "faults": say_faults,
    "attacks": say_attacks,
    "timing": say_timing,
    "life": say_life,
    "races": say_races,
    "projector": say_projector,
    "listing": say_listing,
}
"""Those that take many minutes, or cost nothing worth a figure, are said where they are named; `all` names all."""
ALL = "all"


def chosen(names: list[str]) -> list[str]:
    """Give the parts that some words name: none names the usual ones.

    Raises:
        ValueError: a word names no part.

    """
    if unknown := [name for name in names if name not in {*PARTS, ALL}]:
        raise ValueError(f"There is no part {', '.join(unknown)}; there are: {', '.join((*PARTS, ALL))}.")
    return [*PARTS] if ALL in names else names or [*USUAL]
