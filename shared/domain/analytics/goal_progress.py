"""How far a goal has come: what was reached of it, what should have been by now, and what it will come to.

An amount or a count adds up over the period of its goal. What should have been reached by a day is the target's part by
the weights of the days that are over, and what the period comes to is projected by them (`pace`). A ratio, such as a
margin, has no part that is over: its value so far stands against the whole target, and nothing is projected. Nor is
what books tell, and the profits after it: rent is booked on one day of a month, whatever weekday that is.

A goal is on track while what it will come to misses the target by 2 % of it at most, and at risk by 10 %. That holds
for both sides: ad spend of at most 10,000 is on track up to 10,200, at risk up to 11,000. Once the period is over
there is no such margin: it was met, or it was missed. What is reached of a sum early counts as on track, and what was
to be held and is passed already as off track.

Days after the last one that is known are not counted as nothing: a goal of which the last days are unknown is neither
met nor missed yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.pace import Past, Projection, can_project, project
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.steering import Direction

ON_TRACK = Fraction(2, 100)
AT_RISK = Fraction(10, 100)
"""The part of the target that may be missed."""
EARLY = Fraction(1, 10)
"""Of a period: by less nothing is projected, for one odd day would count more than ten times."""


class Status(StrEnum):
    """How a goal stands. The values are on the wire."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MET = "met"
    MISSED = "missed"
    UPCOMING = "upcoming"
    """No day of it is over."""


ACTIVE = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, None})
"""What a goal may be while nobody knows how it ended."""


class Reason(StrEnum):
    """Why something of a goal is not told, or is to be taken with care. The values are on the wire."""

    UNKNOWN_METRIC = "unknown_metric"
    BEFORE_DATA = "before_data"
    UPSTREAM_STALE = "upstream_stale"
    FX_RATE_MISSING = "fx_rate_missing"
    COSTS_UNKNOWN = "costs_unknown"
    VALUE_UNKNOWN = "value_unknown"
    RATIO = "ratio"
    SHORT_HISTORY = "short_history"
    NO_WEIGHT = "no_weight"
    BOOKED = "booked"
    TOO_EARLY = "too_early"
    """Less than `EARLY` of the period is over, by the weights of its days."""
    ONE_DAY = "one_day"
    """The projection leans on a single day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is to be reached, in millionths, and when."""

    target: int
    direction: Direction
    period: DateRange

    def standing_of(self, value: Fraction) -> Status:
        """Tell how a goal stands that comes to a value."""
        missing = self.target - value if self.direction is Direction.AT_LEAST else value - self.target
        if missing <= ON_TRACK * abs(self.target):
            return Status.ON_TRACK
        return Status.AT_RISK if missing <= AT_RISK * abs(self.target) else Status.OFF_TRACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a goal stands; numbers in millionths. None: unknown, or there is no such thing."""

    status: Status | None
    through: date | None = None
    """The last day that is counted."""
    days_left: int
    """The days of the period after it."""
    actual: Fraction | None = None
    expected: Fraction | None = None
    projection: Projection | None = None
    required_per_day: Fraction | None = None
    """What each of the days left has to bring, or may."""
    reasons: tuple[Reason, ...] = ()

    @property
    def pace(self) -> Fraction | None:
        """Give what was reached as a part of what should have been."""
        if self.actual is None or self.expected is None or self.expected <= 0:
            return None
        return self.actual / self.expected


def upcoming(aim: Aim, *, adds_up: bool) -> Progress:
    """Tell of a goal of which no day is over."""
    days = aim.period.days
    return Progress(
        status=Status.UPCOMING,
        days_left=days,
        required_per_day=max(Fraction(aim.target, days), Fraction(0)) if adds_up else None,
    )


def over(aim: Aim, actual: Fraction) -> Progress:
    """Tell how a goal ended of which every day is known."""
    return Progress(
        status=Status.MET if aim.direction.holds(actual, aim.target) else Status.MISSED,
        through=aim.period.last,
        days_left=0,
        actual=actual,
        expected=Fraction(aim.target),
        projection=Projection(share=Fraction(1), value=actual, low=actual, high=actual),
    )


def of_booked(aim: Aim, through: date, actual: Fraction, *reasons: Reason, is_profit: bool) -> Progress:
    """Tell how a goal stands of which part is booked on single days, as rent is: its days have no shape to go by.

    What was spent stays spent; a profit may be gone tomorrow.
    """
    days_left = (aim.period.last - through).days
    return Progress(
        status=None if is_profit else _standing(aim, actual, None),
        through=through,
        days_left=days_left,
        actual=actual,
        required_per_day=max((aim.target - actual) / days_left, Fraction(0)),
        reasons=(Reason.BOOKED, *reasons),
    )


def unknown(aim: Aim, *reasons: Reason, through: date | None = None) -> Progress:
    """Tell of a goal of which nobody knows how it stands."""
    days_left = aim.period.days if through is None else (aim.period.last - through).days
    return Progress(status=None, through=through, days_left=days_left, reasons=reasons)


def of_ratio(aim: Aim, through: date, actual: Fraction, *reasons: Reason) -> Progress:
    """Tell how a goal stands whose value so far is all that there is to go by."""
    target = Fraction(aim.target)
    return Progress(
        status=aim.standing_of(actual),
        through=through,
        days_left=(aim.period.last - through).days,
        actual=actual,
        expected=target,
        reasons=(Reason.RATIO, *reasons),
    )


def of_sum(aim: Aim, through: date, actual: Fraction, past: Past, *reasons: Reason, scale: int) -> Progress:
    """Tell how a goal stands that adds up; `past` counts ones of which each is `scale` millionths."""
    days_left = (aim.period.last - through).days
    is_known_enough = can_project(aim.period, past.known)
    found = project(aim.period, through, past) if is_known_enough else None
    projection = None if found is None else found.scaled(scale)
    share_over = Fraction(0) if projection is None else projection.share
    if not is_known_enough:
        reasons = (*reasons, Reason.SHORT_HISTORY)
    elif projection is None:
        reasons = (*reasons, Reason.NO_WEIGHT)
    elif share_over < EARLY:
        projection, reasons = None, (*reasons, Reason.TOO_EARLY)
    elif projection.leans_on is not None:
        reasons = (*reasons, Reason.ONE_DAY)
    return Progress(
        status=_standing(aim, actual, projection),
        through=through,
        days_left=days_left,
        actual=actual,
        expected=aim.target * share_over if is_known_enough else None,
        projection=projection,
        required_per_day=max((aim.target - actual) / days_left, Fraction(0)),
        reasons=reasons,
    )


def _standing(aim: Aim, actual: Fraction, projection: Projection | None) -> Status | None:
    if aim.direction is Direction.AT_LEAST and actual >= aim.target:
        return Status.ON_TRACK
    if aim.direction is Direction.AT_MOST and actual > aim.target:
        return Status.OFF_TRACK
    return None if projection is None else aim.standing_of(projection.value)
