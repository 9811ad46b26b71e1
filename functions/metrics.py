"""What is counted and measured: lines of the log that CloudWatch reads as metrics (embedded metric format).

No call waits for CloudWatch, and what goes well is not told: how many calls there are and how long they take, the
gateway and Lambda measure. A line is written for a refusal, for a fault, and once by what runs once a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

from shared.domain.facts.imports import ImportStatus
from shared.domain.trail.events import Tampering
from shared.services.refusals import Reason
from shared.storage.contracts.facts import ImportRecord

NAMESPACE = "MerchantMcp"
STACK = "CoreTable"
"""The dimension of every metric: nothing else that all functions are told of is one stack's alone."""
A_MINUTE = timedelta(minutes=1)
OFF = timedelta(seconds=3)
"""Half a slot of the limits: two clocks so far from each other do not count in the same one any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric: what it is called, in what it is measured, and by what it is told apart within a stack."""

    name: str
    unit: MetricUnit
    by: str | None = None


REFUSALS = Metric(name="Refusals", unit=MetricUnit.Count, by="reason")
UNACCOUNTED_CALLS = Metric(name="UnaccountedCalls", unit=MetricUnit.Count)
TAMPER_FOUND = Metric(name="TamperFound", unit=MetricUnit.Count)
REFUSED_LETTERS = Metric(name="RefusedLetters", unit=MetricUnit.Count)
REFUSED_IMPORTS = Metric(name="RefusedImports", unit=MetricUnit.Count)
FAILED_CHANGES = Metric(name="FailedChanges", unit=MetricUnit.Count)
SWEEP_LAG = Metric(name="SweepLag", unit=MetricUnit.Seconds)
SEAL_LAG = Metric(name="SealLag", unit=MetricUnit.Seconds)
CLOCK_SPREAD = Metric(name="ClockSpread", unit=MetricUnit.Seconds)

METRICS = (
    REFUSALS,
    UNACCOUNTED_CALLS,
    TAMPER_FOUND,
    REFUSED_LETTERS,
    REFUSED_IMPORTS,
    FAILED_CHANGES,
    SWEEP_LAG,
    SEAL_LAG,
    CLOCK_SPREAD,
)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Writes the metrics of one stack."""

    stack: str

    def refusal(self, reason: Reason) -> None:
        """Count a request that the gate turned away, or an answer that was withheld."""
        self._write(REFUSALS, 1, of=reason)

    def unaccounted_calls(self, calls: int) -> None:
        """Count calls that took a number and of which no row says how they ended."""
        if calls:
            self._write(UNACCOUNTED_CALLS, calls)

    def tampering(self, tampering: Tampering) -> None:
        """Count one change of the trail that nobody may make."""
        self._write(TAMPER_FOUND, 1, tampering=tampering.value)

    def refused_letter(self, reason: str) -> None:
        """Count one letter that was refused for good."""
        self._write(REFUSED_LETTERS, 1, reason=reason)

    def imported(self, record: ImportRecord | None) -> None:
        """Count a file that was refused, once more for each time that it comes again."""
        if record is not None and record.status is ImportStatus.REFUSED:
            self._write(REFUSED_IMPORTS, 1)

    def taken(self, answer: dict[str, list[dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
        """Count the record of a stream that an answer names as failed, at every try, and give the answer."""
        if failures := answer["batchItemFailures"]:
            self._write(FAILED_CHANGES, len(failures))
        return answer

    def sweep_lag(self, lag: timedelta) -> None:
        """Tell how long the earliest of what was due had been due."""
        self._write(SWEEP_LAG, lag.total_seconds())

    def seal_lag(self, lag: timedelta) -> None:
        """Tell how long the oldest of what was to be sealed had been waiting."""
        self._write(SEAL_LAG, lag.total_seconds())

    def clock_spread(self, spread: timedelta) -> None:
        """Tell how far a container's clock is from the gateway's."""
        self._write(CLOCK_SPREAD, spread.total_seconds())

    def _write(self, metric: Metric, value: float, *, of: str = "", **why: str) -> None:
        with single_metric(name=metric.name, unit=metric.unit, value=value, namespace=NAMESPACE) as written:
            written.add_dimension(name=STACK, value=self.stack)
            if metric.by is not None:
                written.add_dimension(name=metric.by, value=of)
            for name, said in why.items():
                written.add_metadata(key=name, value=said)


class Clocks:
    """A container's clock beside the gateway's, which writes on each request when it came.

    The first request of a container waited for it to start, and says nothing. Later ones come within milliseconds, so
    what is more than `OFF` is a clock that is wrong. The second is told in any case: a metric that is there shows that
    somebody looks. Of the others one a minute is told, and only of a clock that is wrong.
    """

    __slots__ = ("_is_first", "_tell", "_told_at")

    def __init__(self, tell: Callable[[timedelta], None]) -> None:
        self._tell = tell
        self._is_first = True
        self._told_at: datetime | None = None

    def compare(self, event: Mapping[str, Any], now: datetime) -> None:
        """Look at both, as a request comes in."""
        came = event.get("requestContext", {}).get("timeEpoch")
        if came is None:
            return
        if self._is_first:
            self._is_first = False
            return
        spread = timedelta(milliseconds=abs(now.timestamp() * 1000 - came))
        if self._told_at is None or (spread > OFF and now - self._told_at >= A_MINUTE):
            self._told_at = now
            self._tell(spread)
