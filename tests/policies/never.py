"""How it is said what no role may do, or only the one whose work it is: one line each, with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from tests.policies.simulator import ANYTHING
from tests.sam.stack import FUNCTIONS

CALLS, API, PROJECTOR, SWEEPER, SEALER, IMPORTER, NOTIFIER = (f"{function}Role" for function in FUNCTIONS)
TO_SWEEP, TO_SEAL = "SweeperEveryMinuteRole", "SealerEveryMinuteRole"
"""The roles of the schedules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """Something that must not be possible."""

    what: str
    why: str
    actions: tuple[str, ...]
    """`kms:*` stands for every action of the service, one by one."""
    on: tuple[str, ...] = (ANYTHING,)
    """Names of places, as `tests/policies/places.py` has them, or anything."""
    keys: tuple[str, ...] = ("",)
    """Of the rows of a table, each asked for by itself."""
    but: tuple[str, ...] = ()
    """The roles that may: a line is exact in both directions."""


def of(service: str, *actions: str) -> tuple[str, ...]:
    """Name actions as policies do."""
    return tuple(f"{service}:{action}" for action in actions)
