"""The descent finds the lowest point of functions of which it is known."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.descent import Found, NotFound, Point, lowest

places = st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
WALL = 10.0


@given(places, places)
def test_a_bowl_is_lowest_at_its_bottom_wherever_one_begins(bottom: Point, begin: Point) -> None:
    def bowl(point: Point) -> Found:
        off = [at - low for at, low in zip(point, bottom, strict=True)]
        height = sum((n + 1) * each**2 for n, each in enumerate(off))
        return Found(height, tuple(2 * (n + 1) * each for n, each in enumerate(off)))

    found = lowest(bowl, begin, farthest=WALL)

    assert all(isclose(at, low, abs_tol=1e-5) for at, low in zip(found, bottom, strict=True))


@pytest.mark.parametrize("begin", [(-1.2, 1.0), (5.0, -5.0), (0.0, 9.0)])
def test_a_bent_valley_is_followed_to_its_end(begin: Point) -> None:
    """Rosenbrock's function of 1960, whose lowest point is (1, 1)."""

    def valley(point: Point) -> Found:
        x, y = point
        over = y - x * x
        return Found((1 - x) ** 2 + 100 * over**2, (-2 * (1 - x) - 400 * x * over, 200 * over))

    x, y = lowest(valley, begin, farthest=WALL)

    assert isclose(x, 1, abs_tol=1e-5)
    assert isclose(y, 1, abs_tol=1e-5)


@given(st.floats(-5, 5), st.floats(-5, 5), st.sampled_from((-1.0, 1.0)))
def test_what_falls_towards_a_wall_is_lowest_at_it_and_nowhere_beyond(begin: float, other: float, falls: float) -> None:
    """Where the bottom of the other number hangs on how near the wall one is."""

    def slope(point: Point) -> Found:
        x, y = point
        assert abs(x) <= WALL * (1 + 1e-9)
        off = y - x / 2
        return Found(-falls * x + off**2, (-falls - off, 2 * off))

    x, y = lowest(slope, (begin, other), farthest=WALL)

    assert isclose(x, falls * WALL, rel_tol=1e-6)
    assert isclose(y, falls * WALL / 2, rel_tol=1e-5)


def test_the_wall_lets_go_where_the_lowest_point_is_not_at_it() -> None:
    found = lowest(lambda point: Found(point[0] ** 2, (2 * point[0],)), (WALL,), farthest=WALL)

    assert isclose(found[0], 0, abs_tol=1e-6)


def test_where_everything_is_as_high_as_the_beginning_one_stays_there() -> None:
    assert lowest(lambda _: Found(1.0, (0.0, 0.0)), (3.0, -2.0), farthest=WALL) == (3.0, -2.0)


def test_a_slope_without_an_end_is_said_to_have_none() -> None:
    with pytest.raises(NotFound):
        lowest(lambda point: Found(-point[0], (-1.0,)), (0.0,), farthest=1e6)
