"""The lowest point of a smooth function of a few numbers, found downhill.

The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno (1970) needs no second derivatives and nothing but
Python. For two to four parameters of a smooth likelihood it takes some dozens of evaluations, seldom over a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

Point = tuple[float, ...]
MOST_ROUNDS = 200
FLAT = 1e-12
"""The step that goes down by no more is the last one: near the lowest point each goes down by far less than the one
before, and on a ridge they go on without end."""
LEAST_PART = 1e-4
"""Of what a step promised it has to keep so much."""
LONGEST_STEP = 2.0
MOST_HALVINGS = 20
AT_THE_WALL = 1e-6
"""Who is so near a wall is held by it."""


class Found(NamedTuple):
    """What a function is at a point."""

    height: float
    slope: Point
    """How fast it rises in each direction."""


class NotFound(Exception):
    """It still goes down after so many rounds: there may be no lowest point."""


def lowest(function: Callable[[Point], Found], begin: Point, *, farthest: float) -> Point:
    """Find a point to which none near it is lower, from `begin` on; no number of it lies beyond `farthest`.

    Raises:
        NotFound: it did not end.

    """

    def at(place: Point) -> Found:
        """Find nothing rising where a wall keeps one from going down."""
        found = function(place)
        wall = farthest - AT_THE_WALL
        slope = (0.0 if -n * rise >= wall * abs(rise) else rise for n, rise in zip(place, found.slope, strict=True))
        return Found(found.height, tuple(slope))

    place, here = begin, at(begin)
    turns: list[Point] = []
    for _ in range(MOST_ROUNDS):
        way = _upto(farthest, place, _way(here.slope, turns))
        step = _step(at, place, here, way)
        if step is None:
            return place
        there, found = step
        if here.height - found.height <= FLAT:
            return there
        turns = _learnt(turns, _less(there, place), _less(found.slope, here.slope)) if _alike(here, found) else []
        place, here = there, found
    raise NotFound


def _way(slope: Point, turns: Sequence[Point]) -> Point:
    """Choose where to go, and how far: downhill, by what has been learnt of how the slope turns."""
    way = tuple(-_times(row, slope) for row in turns) if turns else tuple(-rise for rise in slope)
    length = max(map(abs, way))
    return way if length <= LONGEST_STEP else tuple(number * LONGEST_STEP / length for number in way)


def _upto(farthest: float, place: Point, way: Point) -> Point:
    """Go no farther than to the first wall on the way, and along those that one is at."""
    left = [(farthest - number if each > 0 else farthest + number) for number, each in zip(place, way, strict=True)]
    way = tuple(each if room > AT_THE_WALL else 0.0 for room, each in zip(left, way, strict=True))
    part = min([1.0, *(room / abs(each) for room, each in zip(left, way, strict=True) if each)])
    return tuple(part * each for each in way)


def _step(at: Callable[[Point], Found], place: Point, here: Found, way: Point) -> tuple[Point, Found] | None:
    """Go so far along a way that it was worth it; None: it is nowhere, as far as numbers can tell."""
    promise = -_times(way, here.slope)
    part = 1.0
    for _ in range(MOST_HALVINGS):
        there = tuple(number + part * each for number, each in zip(place, way, strict=True))
        found = at(there)
        if found.height < here.height - LEAST_PART * part * promise:
            return there, found
        part /= 2
    return None


def _alike(one: Found, other: Found) -> bool:
    """Tell whether the same walls hold both."""
    return all(bool(a) == bool(b) for a, b in zip(one.slope, other.slope, strict=True))


def _learnt(turns: Sequence[Point], moved: Point, turned: Point) -> list[Point]:
    """Give the inverse of how slopes turn, as it has to be after one has seen them turn so far."""
    bent = _times(moved, turned)
    if bent <= 0:
        return [*turns]
    if not turns:
        scale = bent / _times(turned, turned)
        turns = [tuple(scale * (row == column) for column in range(len(moved))) for row in range(len(moved))]
    expected = [_times(row, turned) for row in turns]
    both = (1 + _times(expected, turned) / bent) / bent
    return [
        tuple(
            value + both * moved[i] * moved[j] - (expected[i] * moved[j] + moved[i] * expected[j]) / bent
            for j, value in enumerate(row)
        )
        for i, row in enumerate(turns)
    ]


def _less(one: Point, other: Point) -> Point:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def _times(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
