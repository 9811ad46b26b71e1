"""What follows from sums that are known: linear algebra in whole fractions, without a rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

Row = Sequence[Fraction]


def null_space(sums: Iterable[Sequence[int]], unknowns: int) -> list[Row]:
    """Give a basis of all changes of the unknowns that change none of the sums.

    A combination of unknowns follows from the sums if and only if no such change changes it.
    """
    reduced: list[list[Fraction]] = []
    pivots: list[int] = []
    for each in sums:
        row = [Fraction(value) for value in each]
        for pivot, known in zip(pivots, reduced, strict=True):
            row = [value - row[pivot] * other for value, other in zip(row, known, strict=True)]
        pivot = next((place for place, value in enumerate(row) if value), None)
        if pivot is None:
            continue
        row = [value / row[pivot] for value in row]
        reduced = [[value - known[pivot] * other for value, other in zip(known, row, strict=True)] for known in reduced]
        pivots.append(pivot)
        reduced.append(row)
    return [
        [_change(place, free, pivots, reduced) for place in range(unknowns)]
        for free in range(unknowns)
        if free not in pivots
    ]


def follows(combination: Iterable[int], changes: Iterable[Row]) -> bool:
    """Tell whether a sum of unknowns (so many of each) follows from what is known."""
    wanted = tuple(combination)
    return all(sum(n * value for n, value in zip(wanted, change, strict=True)) == 0 for change in changes)


def _change(place: int, free: int, pivots: Sequence[int], reduced: Sequence[Row]) -> Fraction:
    if place == free:
        return Fraction(1)
    return -reduced[pivots.index(place)][free] if place in pivots else Fraction(0)
