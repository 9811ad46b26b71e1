"""One token's life, as its trail tells it.

It is created, used and rotated; its successor is adopted and it ends; the successor is abandoned, found again, reminded
of its end, and leaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.services.credentials.token_format import read_token
from shared.services.report_leaks import report_leaks
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.engine import Value
from tests.data.tenants import A_DAY, KEYS, NOON, origin, rotation, token, workspace
from tests.services.lived import Lived
from tests.services.place import refused, send

FIRST, SECOND = "first00000000000", "second0000000000"
"""The ids of the tokens: what happens to two in one millisecond stands in the trail in the order of these."""
CALL = "mcp.call"
REPORTED = origin("system:leak_report")
BETWEEN_SWEEPS = timedelta(hours=6)
SHOWN = (
    *("scopes", "expires_at", "overlap_seconds", "ends_at", "first_used_at", "number", "tool", "outcome", "after_days"),
    *("idle_since", "used_at", "days_left", "source", "reason"),
)
"""What a line says of an event, where the event has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What happened to a token; of calls in a row, the last."""

    days: float
    """Since the first token was created."""
    whom: str
    what: str
    by: str
    how: str
    times: int = 1


def live_a_life(lived: Lived) -> dict[str, str]:
    """Live it, and give the texts of the tokens in it."""
    workspace(lived.stores)
    first = token(lived.stores, days=90, token_id=FIRST)
    lived.call(first, _day(0.25))
    _sweep_until(lived, 1)
    second = rotation(lived.stores, FIRST, successor_id=SECOND, at=_day(1))
    lived.call(first, _day(1.1))  # both are good while the overlap lasts
    _sweep_until(lived, 1.5, since=1)
    lived.call(second, _day(1.6))
    _sweep_until(lived, 2.25, since=1.5)
    refused(send(lived.gate, first.text, at=_day(2.3)))
    for number in range(3, 11):
        lived.call(second, _day(number))
    _sweep_until(lived, 45, since=2.25)  # after a daily habit a month of silence
    lived.call(second, _day(45.1))
    _sweep_until(lived, 89, since=45)
    # Somebody finds it in a public repository, and somebody else does so, too.
    for _ in range(2):
        tokens = lived.stores.tokens
        report_leaks([second.text], source="a repository", origin=REPORTED, now=_day(89.1), keys=KEYS, tokens=tokens)
    refused(send(lived.gate, second.text, at=_day(89.2)))
    return {"first": first.text, "second": second.text}


def told(lived: Lived, texts: Mapping[str, str]) -> list[Line]:
    """Read the trail of the tokens in its order; at one moment the trail goes by their ids, and this by their names."""
    names = {token.token_id: name for name, text in texts.items() if (token := read_token(text, KEYS))}
    known = (_line(entry, names) for entry in _entries(lived) if _token_id(entry) in names)
    lines: list[Line] = []
    for line in sorted(known, key=lambda line: (line.days, line.whom)):
        if lines and line.what == CALL and (lines[-1].whom, lines[-1].what) == (line.whom, CALL):
            lines[-1] = replace(line, times=lines[-1].times + 1)
        else:
            lines.append(line)
    return lines


def _day(number: float) -> datetime:
    return NOON + number * A_DAY


def _sweep_until(lived: Lived, last: float, *, since: float = 0) -> None:
    now = _day(since)
    while now < _day(last):
        now += BETWEEN_SWEEPS
        lived.sweep(now)


def _entries(lived: Lived) -> Iterable[AuditEntry]:
    found: list[AuditEntry] = []
    after: str | None = None
    while True:
        page = lived.stores.audit.entries("wks_1", matching=AuditFilter(), limit=100, now=_day(89.5), after=after)
        found += page.items
        after = page.next
        if after is None:
            return reversed(found)


def _token_id(entry: AuditEntry) -> str:
    return entry.stream.partition(":")[2]


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    said = (f"{name} {_in_short(entry.data[name])}" for name in SHOWN if entry.data.get(name) is not None)
    return Line(
        days=(entry.at - NOON) / A_DAY,
        whom=names[_token_id(entry)],
        what=entry.type,
        by=entry.origin.actor,
        how=", ".join(said),
    )


def _in_short(value: Value) -> str:
    """Give a moment as the day that it lies on, and a list as its parts."""
    match value:
        case str() if value.endswith("Z") and value[:2] == "20":
            return f"day {(datetime.fromisoformat(value) - NOON) / A_DAY:.2f}"
        case list():
            return " ".join(str(each) for each in value)
        case _:
            return str(value)
