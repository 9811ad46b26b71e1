"""Which cells are tried: all that there are, or of each step and fault one or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.faults.cells import Laboratory, Outcome
from tests.faults.faults import FAULTS, KILLS, Fault
from tests.faults.steps import STEPS, Step
from tests.faults.wire import Asked

ALL = (*FAULTS, *KILLS)
AT_WRITES = ("killed before it is done", "reset after it is done")
MOST_WRITES = 8
"""Of one step, where not all is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fault befalls a step."""

    number: int
    lasting: bool


Plan = Callable[[Step, Fault, Sequence[Asked]], Sequence[Place]]


def every_place(_: Step, fault: Fault, asked: Sequence[Asked]) -> Sequence[Place]:
    """Give every request that the fault fits once, and as the beginning of a fault that lasts the first and each write.

    What lasts from a read on leaves the same behind as what lasts from the next write on.
    """
    fitting = [each for each in asked if fault.fits(each)]
    begins = [each for each in fitting if each.is_write or each is fitting[0]] if fault.may_last else []
    return [
        *(Place(number=each.number, lasting=False) for each in fitting),
        *(Place(number=each.number, lasting=True) for each in begins),
    ]


def once_and_lasting(step: Step, fault: Fault, asked: Sequence[Asked]) -> Sequence[Place]:
    """Give one request (none: it fits nowhere), another for each fault: a write, where the store has done it."""
    numbers = [each.number for each in asked if fault.fits(each)]
    writes = [each.number for each in asked if each.is_write and each.number in numbers]
    chosen = writes if fault.after and writes else numbers
    turn = ALL.index(fault) * 7 + STEPS.index(step)  # 7 leads to all of them
    durations = (False, True) if fault.may_last else (False,)
    return [Place(number=chosen[turn % len(chosen)], lasting=lasting) for lasting in durations] if chosen else []


def some_places(step: Step, fault: Fault, asked: Sequence[Asked]) -> Sequence[Place]:
    """Give one of these two, by turns; of what may lose a write or do it twice, the writes, or every second or so."""
    if fault.name in AT_WRITES:
        writes = [each.number for each in asked if each.is_write]
        return [Place(number=number, lasting=False) for number in writes[:: -(-len(writes) // MOST_WRITES)]]
    places = once_and_lasting(step, fault, asked)
    turn = ALL.index(fault) // 2 + STEPS.index(step)
    return places[turn % len(places) :][:1] if places else ()


def try_out(laboratory: Laboratory, step: Step, fault: Fault, places: Sequence[Place]) -> Iterator[Outcome]:
    """Try a fault at some places of a step."""
    for place in places:
        if fault in KILLS:
            yield laboratory.kill(step, fault, place.number)
        else:
            yield laboratory.try_out(step, fault, place.number, lasting=place.lasting)
