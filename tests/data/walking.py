"""The slow, obvious way through a Markov chain: walk it, step by step, and count who arrives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

START = END = ""
LEFT = 1e-13
"""A walk is given up when no more than this is still on the way."""


@dataclass(frozen=True, kw_only=True)
class Walked:
    """Some paths, as steps."""

    steps: Counter[tuple[str, str]]
    lost: Counter[str]


def steps_of(paths: Iterable[tuple[Sequence[str], int, int]]) -> Walked:
    """Count the steps of paths that converted, and that did not, so often."""
    steps, lost = Counter[tuple[str, str]](), Counter[str]()
    for channels, converted, not_converted in paths:
        count = converted + not_converted
        for before, after in zip([START, *channels], channels, strict=False):
            steps[before, after] += count
        steps[channels[-1], END] += converted
        lost[channels[-1]] += not_converted
    return Walked(steps=steps, lost=lost)


def conversion_without(walked: Walked, avoided: str | None) -> float:
    """Walk: begin with everybody at the start, move all of them step by step, and count who arrives."""
    out = Counter[str]()
    for (before, _), count in walked.steps.items():
        out[before] += count
    for channel, count in walked.lost.items():
        out[channel] += count
    here, arrived = {START: 1.0}, 0.0
    while sum(here.values()) > LEFT:
        there = dict[str, float]()
        for (before, after), count in walked.steps.items():
            moved = here.get(before, 0.0) * count / out[before]
            if after == END and before != START:
                arrived += moved
            elif after != avoided:
                there[after] = there.get(after, 0.0) + moved
        here = there
    return arrived


def effects_by_walking(walked: Walked) -> dict[str, float]:
    whole = conversion_without(walked, None)
    channels = {end for step in walked.steps for end in step} - {START, END}
    return {channel: 1 - conversion_without(walked, channel) / whole for channel in channels}
