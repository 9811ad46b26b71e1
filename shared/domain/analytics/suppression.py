"""What is not shown of customers, because it stands on too few of them or would give away what does.

A figure stands on the customers of its cohort, or of the part of it that is in a segment: on all of them, and not on
those that did something in a month. What is hidden depends on the new customers of each month and segment and on what
the shop has settled, never on a question: what one question hides and another shows would else be a difference of two
answers. In each whole that is shown, what is hidden of its parts makes up `k_min` customers together or none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from shared.domain.analytics.periods import first_of, month_of, quarter_start

Sizes = Mapping[str, int]
"""Part (a month, a segment) -> customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What is not shown of a segment, or of all customers; a quarter is named by its first month."""

    months: frozenset[str]
    quarters: frozenset[str]


def hidden_parts(sizes: Sizes, k_min: int) -> frozenset[str]:
    """Choose which parts of a whole are not shown, if the whole may be: the small ones.

    Where these do not make up `k_min` customers together, the next smallest is hidden with them, for the whole less
    the parts that are shown would be theirs.
    """
    hidden: set[str] = set()
    together = 0
    for part, size in sorted(sizes.items(), key=lambda each: (each[1], each[0])):
        if size >= k_min and (together == 0 or together >= k_min):
            break
        hidden.add(part)
        together += size
    return frozenset(hidden)


def hidden_parts_of_all(wholes: Iterable[Sizes], k_min: int) -> frozenset[str]:
    """Choose which parts are shown of none of these wholes: what is hidden of one is hidden of all.

    In each whole the hidden parts make up `k_min` customers together or none.
    """
    wholes = list(wholes)
    hidden: set[str] = set()
    while True:
        more = set(hidden)
        for sizes in wholes:
            more.update(part for part, size in sizes.items() if 0 < size < k_min)
            shown = sorted((size, part) for part, size in sizes.items() if size and part not in more)
            for _, part in shown:
                if sum(sizes.get(each, 0) for each in more) not in range(1, k_min):
                    break
                more.add(part)
        if more == hidden:
            return frozenset(hidden)
        hidden = more


def hidden_of_all(sizes: Sizes, k_min: int, fiscal_start: int) -> Hidden:
    """Choose what is not shown of all customers, given the new ones of each month; a quarter is a whole of months."""
    months: set[str] = set()
    quarters: set[str] = set()
    for quarter, parts in _by_quarter(sizes, fiscal_start).items():
        months |= hidden_parts({month: sizes[month] for month in parts}, k_min)
        if sum(sizes[month] for month in parts) < k_min:
            quarters.add(quarter)
    return Hidden(months=frozenset(months), quarters=frozenset(quarters))


def hidden_in_segments(segments: Mapping[str, Sizes], k_min: int, fiscal_start: int) -> Mapping[str, Hidden]:
    """Choose what is not shown of the segments of one dimension, given the new customers of each month.

    Of a segment's quarter all months are shown, or none: what is hidden in a quarter is a block of so many segments
    and all its months. Known of a block are its sums by month, for all customers of the month are shown, and by
    segment, for its quarter is shown (of those whose quarter is not, together). Where each of these sums is one of
    `k_min` customers or of nobody, nothing else follows: what sums of rows and columns say of a whole block are sums
    of whole rows and whole columns. A month that is hidden of all customers is hidden of every segment, because the
    segments of a dimension add up to all.
    """
    everybody: dict[str, int] = {}
    for sizes in segments.values():
        for month, size in sizes.items():
            everybody[month] = everybody.get(month, 0) + size
    everybody = {month: size for month, size in everybody.items() if size}
    hidden = hidden_of_all(everybody, k_min, fiscal_start).months
    closed: dict[str, set[str]] = {segment: set() for segment in segments}
    quarters: dict[str, set[str]] = {segment: set() for segment in segments}
    for quarter, months in _by_quarter(everybody, fiscal_start).items():
        wholes = {segment: sum(sizes.get(month, 0) for month in months) for segment, sizes in segments.items()}
        wholes = {segment: whole for segment, whole in wholes.items() if whole}
        small = hidden_parts(wholes, k_min)
        for segment in small:
            quarters[segment].add(quarter)
        for segment in wholes if hidden & set(months) else _block(segments, wholes, months, small, k_min):
            closed[segment].update(months)
    return {
        segment: Hidden(months=frozenset(closed[segment]), quarters=frozenset(quarters[segment]))
        for segment in segments
    }


def _block(
    segments: Mapping[str, Sizes], wholes: Sizes, months: Collection[str], small: Collection[str], k_min: int
) -> Collection[str]:
    """Choose the segments whose months are hidden in a quarter all of whose months are shown of all customers."""

    def size(segment: str, month: str) -> int:
        return segments[segment].get(month, 0)

    block = {segment for segment in wholes if any(0 < size(segment, month) < k_min for month in months)} | set(small)
    for month in months:
        while 0 < sum(size(segment, month) for segment in block) < k_min:
            block.add(min((s for s in wholes if s not in block and size(s, month)), key=lambda s: (wholes[s], s)))
    return block


def _by_quarter(months: Collection[str], fiscal_start: int) -> Mapping[str, Collection[str]]:
    quarters: dict[str, list[str]] = {}
    for month in sorted(months):
        quarters.setdefault(month_of(quarter_start(first_of(month), fiscal_start)), []).append(month)
    return quarters
