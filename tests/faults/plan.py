"""Which cells are tried: all that there are, or of each step and fault one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.faults.cells import Laboratory, Outcome
from tests.faults.faults import FAULTS, KILLS, Fault
from tests.faults.steps import STEPS, Step
from tests.faults.wire import Asked

ALL = (*FAULTS, *KILLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fault befalls a step."""

    number: int
    lasting: bool


def every_place(_: Step, fault: Fault, asked: Sequence[Asked]) -> list[Place]:
    """Give every request that the fault fits: once there, and from there on."""
    numbers = [each.number for each in asked if fault.fits(each)]
    return [Place(number=each, lasting=lasting) for lasting in _durations(fault) for each in numbers]


def one_place(step: Step, fault: Fault, asked: Sequence[Asked]) -> list[Place]:
    """Give one of them (none: it fits nowhere), another for each fault; where the store has done it, of the writes."""
    numbers = [each.number for each in asked if fault.fits(each)]
    writes = [each.number for each in asked if each.is_write and each.number in numbers]
    chosen = writes if fault.after and writes else numbers
    row, column = ALL.index(fault), STEPS.index(step)
    durations = _durations(fault)
    lasting = durations[(row + column) % len(durations)]
    return [Place(number=chosen[row * 7 % len(chosen)], lasting=lasting)] if chosen else []


def _durations(fault: Fault) -> tuple[bool, ...]:
    return (False, True) if fault.may_last else (False,)


def try_out(laboratory: Laboratory, step: Step, fault: Fault, places: Sequence[Place]) -> Iterator[Outcome]:
    """Try a fault at some places of a step."""
    for place in places:
        if fault in KILLS:
            yield laboratory.kill(step, fault, place.number)
        else:
            yield laboratory.try_out(step, fault, place.number, lasting=place.lasting)
