"""The lowest point of a function of a few numbers, by Nelder and Mead's downhill simplex (Computer Journal 7, 1965).

It needs no derivatives and nothing but Python. For two to four parameters of a smooth likelihood it takes some two
hundred evaluations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

Point = tuple[float, ...]
STEP = 0.5
MOST_ROUNDS = 1_000
FLAT = 1e-11
"""Where heights differ by less there is nothing to be found: a ridge goes on without end."""


class _Vertex(NamedTuple):
    height: float
    point: Point


class NotFound(Exception):
    """The simplex still moves after so many rounds: there may be no lowest point."""


def lowest(function: Callable[[Point], float], begin: Point, *, tolerance: float) -> Point:
    """Find a point to which none near it is lower, starting with a simplex of `STEP` around `begin`.

    It ends when neither the points of the simplex nor their heights differ by more than `tolerance`, or when heights
    are `FLAT`.

    Raises:
        NotFound: it did not end.

    """

    def at(point: Point) -> _Vertex:
        return _Vertex(function(point), point)

    corners = [begin, *(_moved(begin, place) for place in range(len(begin)))]
    simplex = sorted(map(at, corners))
    for _ in range(MOST_ROUNDS):
        best, (second, worst) = simplex[0], simplex[-2:]
        if _is_small(simplex, tolerance):
            return best.point
        centre = _mean([vertex.point for vertex in simplex[:-1]])
        reflected = at(_between(worst.point, centre, 2))
        if reflected < best:
            new = min(reflected, at(_between(worst.point, centre, 3)))
        elif reflected < second:
            new = reflected
        else:
            new = at(_between(worst.point, centre, 1.5 if reflected < worst else 0.5))
            if new >= min(reflected, worst):
                simplex = sorted([best, *(at(_between(each.point, best.point, 0.5)) for each in simplex[1:])])
                continue
        simplex = sorted([*simplex[:-1], new])
    raise NotFound


def _moved(point: Point, place: int) -> Point:
    return tuple(number + STEP * (at == place) for at, number in enumerate(point))


def _mean(points: Sequence[Point]) -> Point:
    return tuple(sum(numbers) / len(points) for numbers in zip(*points, strict=True))


def _between(one: Point, other: Point, part: float) -> Point:
    """Go a part of the way from one point to another, or beyond it."""
    return tuple(a + part * (b - a) for a, b in zip(one, other, strict=True))


def _is_small(simplex: Sequence[_Vertex], tolerance: float) -> bool:
    best, worst = simplex[0], simplex[-1]
    width = max(abs(a - b) for vertex in simplex for a, b in zip(vertex.point, best.point, strict=True))
    height = worst.height - best.height
    return height <= FLAT or (width <= tolerance and height <= tolerance)
