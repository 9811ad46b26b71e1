"""What one operation costs at one size of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import process_time

from tests.bench.metered import Metered, Spent

TIMES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Requests and units are DynamoDB's, milliseconds the processor's on SQLite."""

    requests: float
    read_units: float
    write_units: float
    milliseconds: float

    def shared_by(self, parts: float) -> Point:
        """Give what each of so many parts of it costs."""
        return Point(**{name: cost / parts for name, cost in asdict(self).items()})


def milliseconds(do: Callable[[], object]) -> float:
    """Give the milliseconds of the processor that something takes once."""
    began = process_time()
    do()
    return (process_time() - began) * 1000


def point_of(
    metered: Metered,
    counted: Callable[[], object],
    timed: Callable[[], object],
    *,
    times: int = TIMES,
    settle: Callable[[], object] = lambda: None,
) -> Point:
    """Time an operation over an engine, then count it over a metered one, which may have to settle first."""
    took = median(milliseconds(timed) for _ in range(times))
    settle()
    metered.spent = Spent()
    counted()
    spent = metered.spent
    return Point(
        requests=spent.requests.total(),
        read_units=spent.read_units + spent.index_read_units,
        write_units=spent.write_units,
        milliseconds=took,
    )
