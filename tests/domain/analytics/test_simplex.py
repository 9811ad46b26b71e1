"""The downhill simplex finds the lowest point of functions of which it is known."""

from __future__ import annotations

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.simplex import NotFound, Point, lowest

places = st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))


@given(places, places)
def test_a_bowl_is_lowest_at_its_bottom_wherever_one_begins(bottom: Point, begin: Point) -> None:
    def bowl(point: Point) -> float:
        return sum((n + 1) * (at - low) ** 2 for n, (at, low) in enumerate(zip(point, bottom, strict=True)))

    found = lowest(bowl, begin, tolerance=1e-9)

    assert all(isclose(at, low, abs_tol=1e-3) for at, low in zip(found, bottom, strict=True))


def test_a_bent_valley_is_followed_to_its_end() -> None:
    """Rosenbrock's function of 1960, whose lowest point is (1, 1)."""

    def valley(point: Point) -> float:
        x, y = point
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    x, y = lowest(valley, (-1.2, 1.0), tolerance=1e-9)

    assert isclose(x, 1, abs_tol=1e-4)
    assert isclose(y, 1, abs_tol=1e-4)


def test_a_slope_without_an_end_is_said_to_have_none() -> None:
    with pytest.raises(NotFound):
        lowest(lambda point: -point[0], (0.0,), tolerance=1e-9)
