"""Go back through a trail, from the newest row on, without reading what cannot be wanted.

The newest rows, which may not be in the index yet, are read straight from the table. Older ones are found by the days
in which the wanted values occur, then by the hours, then by the minutes, and are read from the table as long as they
are there, and then from the archive, out of the seals that have rows of the minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.domain.trail.index import DayIndex, HourIndex, Wanted
from shared.domain.trail.places import moment_before, start_of
from shared.services.trail.archived_rows import ArchivedRows
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditEntry

A_MILLISECOND = timedelta(milliseconds=1)
A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOT_FOLDED_YET = timedelta(minutes=10)
"""What the stream, the sealer, its readers and clocks that differ may take. Rows that are this much older than the last
one in the index are in it, too: seals take the rows of a workspace in the order of time."""
NEAR = timedelta(minutes=3)
"""Wanted minutes that lie so close are read at once: another request costs more than the few rows between them."""
ROWS_A_READ = 200
DAYS_A_READ = 32
HOURS_A_READ = 2
"""At first: where much is wanted, more are not looked at."""
HOURS_A_DAY = 24

READS_A_PAGE = 100
"""Requests to tables and archive: a second or two."""
ROWS_A_PAGE = 2_000
"""Rows that are looked at, however few are wanted: as many as one seal can have."""
DAYS_A_PAGE = 92
"""Days of the index that are looked at: a quarter of a year of a busy workspace is some hundred read units."""


@dataclass(slots=True, kw_only=True)
class Work:
    """What a page has cost, and how many rows it lacks."""

    missing: int
    reads: int = 0
    rows: int = 0
    days: int = 0

    @property
    def is_done(self) -> bool:
        """Whether the page ends here, with what it has."""
        return self.reads >= READS_A_PAGE or self.rows >= ROWS_A_PAGE or self.days >= DAYS_A_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Rows, newest first, and down to which place these are all that may be wanted."""

    rows: Sequence[AuditEntry] = ()
    down_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One question's way back through a workspace's trail."""

    workspace_id: str
    wanted: Wanted
    """By their names in the index; nothing: all rows."""
    since: datetime | None
    now: datetime
    trail: TrailSources
    archived: ArchivedRows
    work: Work

    def steps(self, below: str) -> Iterator[Step]:
        """Go back from a place."""
        if self.since is not None and self.since > moment_before(below) + A_MILLISECOND:
            return
        table_from = self._table_from(below)
        begin = start_of(max(table_from, self.since or table_from))
        if begin < below:
            yield from self._table(begin, below)
        if self.since is None or self.since < table_from:
            yield from self._indexed(min(below, start_of(table_from)))

    def _hot_from(self) -> datetime:
        """Say from which minute on all rows are in the table; they leave it by the second, and never too early."""
        return (self.now - self.trail.audit.kept).replace(second=0, microsecond=0) + 2 * A_MINUTE

    def _table_from(self, below: str) -> datetime:
        """Say from when on the table is read straight: without a filter as far as it goes, as no index is better."""
        hot_from = self._hot_from()
        if not self.wanted or below <= start_of(hot_from):
            return hot_from
        self.work.reads += 1
        newest = self.trail.index.newest(self.workspace_id)
        return max(hot_from, newest - NOT_FOLDED_YET) if newest is not None else hot_from

    def _table(self, begin: str, below: str) -> Iterator[Step]:
        """Read all rows between two places, day by day."""
        for day in _days_back(begin, below):
            first = max(begin, start_of(day))
            before: str | None = below
            while before is not None:
                limit = ROWS_A_READ if self.wanted else self.work.missing
                page = self.trail.audit.rows(self.workspace_id, since=first, below=before, limit=limit)
                self.work.reads += 1
                self.work.rows += len(page.items)
                before = page.next
                yield Step(rows=page.items, down_to=before or first)

    def _indexed(self, below: str) -> Iterator[Step]:
        upto = moment_before(below).date()
        first = self.since.astimezone(UTC).date() if self.since is not None else date.min
        span = 1
        while upto >= first:
            days = self.trail.index.days(self.workspace_id, upto=f"{upto}", since=f"{first}", limit=span)
            self.work.reads += 1
            for name, day in days:
                begin = datetime.fromisoformat(name).replace(tzinfo=UTC)
                yield from self._day(begin, day, below)
                upto = begin.date() - A_DAY
            if len(days) < span:
                return
            span = min(4 * span, DAYS_A_READ)  # who wants much is served by the first days

    def _day(self, begin: datetime, day: DayIndex, below: str) -> Iterator[Step]:
        if day.may_hold(self.wanted):
            upto = min(begin + A_DAY - AN_HOUR, moment_before(below)).hour
            span = HOURS_A_READ
            while upto >= 0:
                hours = self.trail.index.hours(self.workspace_id, f"{begin:%Y-%m-%d}", upto=upto, limit=span)
                self.work.reads += 1
                for number, hour in hours:
                    yield from self._hour(begin + number * AN_HOUR, hour, below)
                upto = hours[-1][0] - 1 if len(hours) == span else -1
                span = HOURS_A_DAY
        self.work.days += 1
        yield Step(down_to=start_of(begin))

    def _hour(self, begin: datetime, hour: HourIndex, below: str) -> Iterator[Step]:
        minutes = [
            minute
            for minute in (begin + number * A_MINUTE for number in hour.minutes_of(self.wanted))
            if start_of(minute) < below and (self.since is None or minute + A_MINUTE > self.since)
        ]
        hot_from = self._hot_from()
        for first, last in _stretches(minute for minute in minutes if minute >= hot_from):
            yield from self._table(start_of(first), min(below, start_of(last + A_MINUTE)))
        for minute in minutes:
            if minute < hot_from:
                yield self._minute(minute, hour.seals[minute.minute], below)

    def _minute(self, minute: datetime, seals: Sequence[int], below: str) -> Step:
        """Read a minute from the archive. Rows that came late lie under later seals, so all are put in order."""
        first, before = start_of(minute), min(below, start_of(minute + A_MINUTE))
        rows: list[AuditEntry] = []
        for number in seals:
            is_new = not self.archived.has_read(number)
            of_seal = self.archived.of_seal(number)
            if is_new:
                self.work.reads += 2  # the seal, and its object
                self.work.rows += len(of_seal)
            rows += [row for row in of_seal if first <= row.place < before]
        return Step(rows=sorted(rows, key=lambda row: row.place, reverse=True), down_to=first)


def _days_back(begin: str, below: str) -> Iterator[datetime]:
    """Give the days between two places, latest first."""
    day = moment_before(below).replace(hour=0, minute=0, second=0, microsecond=0)
    while start_of(day + A_DAY) > begin:
        yield day
        day -= A_DAY


def _stretches(minutes: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Put minutes, latest first, into stretches of near ones: the first minute of each, and the last."""
    first = last = None
    for minute in minutes:
        if first is not None and last is not None and first - minute > NEAR:
            yield first, last
            last = None
        first, last = minute, last or minute
    if first is not None and last is not None:
        yield first, last
