"""Running sums of the months whose days have changed: the others are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from shared.domain.facts.running import Running, RunningSums
from shared.services.folds.duck import Duck

FORM = "3"
"""Another form of the sums is made anew though the days are the same."""


def digests_of(duck: Duck, table: str) -> Mapping[str, str]:
    """Give of each month in a table of days a digest of all that it says, whatever the order of its rows."""
    return {
        month: f"{FORM}:{rows}:{digest:x}"
        for month, rows, digest in duck.rows(f"""
            SELECT strftime(day, '%Y-%m'), count(*), bit_xor(hash(days)) FROM {table} AS days GROUP BY ALL
        """)
    }


def running_sums(duck: Duck, of: Running, table: str, month: str) -> Iterator[RunningSums]:
    """Give the sums up to each day of a month on which there is anything.

    What came later in the month stands behind what came before, so that the columns of a day only grow.
    """
    places: dict[str, int] = {}
    columns: dict[str, list[int]] = {}
    last: date | None = None
    in_month = duck.named_rows(
        f"SELECT * FROM {table} WHERE day BETWEEN $first::DATE AND last_day($first::DATE) ORDER BY day, key",
        first=f"{month}-01",
    )
    for row in in_month:
        day, key = row.pop("day"), row.pop("key")
        if last is not None and day != last:
            yield _upto(of, last, places, columns)
        last = day
        place = places.setdefault(key, len(places))
        for figure, value in row.items():
            column = columns.setdefault(figure, [])
            if place == len(column):
                column.append(0)
            if value:
                column[place] += value
    if last is not None:
        yield _upto(of, last, places, columns)


def _upto(of: Running, day: date, places: Mapping[str, int], columns: Mapping[str, list[int]]) -> RunningSums:
    told = {figure: list(column) for figure, column in columns.items() if any(column)}
    return RunningSums(of=of, day=day, keys=list(places), columns=told)
