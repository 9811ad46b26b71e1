"""What holds after all the files that were sent, found line by line: the slow, obvious way.

It shares nothing with the product's reader and folds; `recount` counts what is found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Line = Mapping[str, Any]

KEY = {
    "order": ("id",),
    "refund": ("id",),
    "payment": ("id",),
    "expense": ("id",),
    "ad_day": ("campaign_id", "ad_group_id", "ad_id", "date", "window"),
    "cost": ("sku", "effective_from"),
    "fx": ("base", "quote", "date"),
    "bank_txn": ("id",),
    "balance": ("date",),
    "touch": ("order_id", "place"),
}


@dataclass(kw_only=True)
class Fact:
    """The last word on one thing."""

    type: str
    source: str
    account: str
    day: date
    line: Line
    told_at: datetime


def facts_now(files: Iterable[Sequence[Line]], zone: str) -> list[Fact]:
    """Find what holds after all files: of each key the latest version, if no later and complete export lacks it."""
    last: dict[tuple[str, ...], Fact] = {}
    claims: list[tuple[datetime, Line, Line]] = []
    for header, *lines in files:
        told_at = datetime.fromisoformat(header["exported_at"])
        claims += [(told_at, header, claim) for claim in header.get("complete", ())]
        for line in lines:
            fact = Fact(
                type=line["type"],
                source=line.get("source") or header["source"],
                account=line.get("account") or header.get("account") or "main",
                day=local_day(line, zone),
                line=line,
                told_at=told_at,
            )
            parts = [str(line.get(name) or "") for name in KEY[fact.type]]
            key = (fact.type, fact.source, fact.account, *parts)
            if key not in last or last[key].told_at < told_at:
                last[key] = fact
    return [
        fact
        for fact in last.values()
        if not fact.line.get("deleted") and not any(denies(claim, fact) for claim in claims)
    ]


def local_day(line: Line, zone: str) -> date:
    """Give the day on the merchant's calendar."""
    if line.get("at"):
        return datetime.fromisoformat(line["at"]).astimezone(ZoneInfo(zone)).date()
    return date.fromisoformat(line.get("date") or line["effective_from"])


def denies(claim: tuple[datetime, Line, Line], fact: Fact) -> bool:
    """Tell whether a later export claims to be complete there."""
    told_at, header, said = claim
    return (
        told_at > fact.told_at
        and said["type"] == fact.type
        and (said.get("source") or header["source"]) == fact.source
        and (said.get("account") or header.get("account") or "main") == fact.account
        and date.fromisoformat(said["from"]) <= fact.day <= date.fromisoformat(said["to"])
    )
