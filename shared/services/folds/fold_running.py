"""Running sums of the months whose days have changed: the others are what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from shared.domain.facts.running import Running, RunningSums
from shared.services.folds.duck import Duck

FORM = "1"
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
    """Give the sums up to each day of a month on which there is anything."""
    figures: tuple[str, ...] = ()
    sums: dict[str, list[int]] = {}
    last: date | None = None
    in_month = duck.named_rows(
        f"SELECT * FROM {table} WHERE day BETWEEN $first::DATE AND last_day($first::DATE) ORDER BY day",
        first=f"{month}-01",
    )
    for row in in_month:
        day, key = row.pop("day"), row.pop("key")
        if last is not None and day != last:
            yield _upto(of, last, figures, sums)
        last, figures = day, tuple(row)
        so_far = sums.setdefault(key, [0] * len(figures))
        for place, value in enumerate(row.values()):
            if value:
                so_far[place] += value
    if last is not None:
        yield _upto(of, last, figures, sums)


def _upto(of: Running, day: date, figures: tuple[str, ...], sums: Mapping[str, list[int]]) -> RunningSums:
    keys = sorted(sums)
    columns = {figure: [sums[key][place] for key in keys] for place, figure in enumerate(figures)}
    return RunningSums(of=of, day=day, keys=keys, columns={name: c for name, c in columns.items() if any(c)})
