"""Snapchat Ads Manager: a report by day, of the whole account or (labels not verified) of campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.ads import AD_DAYS_ONCE, AdExport, claim_ad_days, read_ads
from shared.services.imports.formats.cells import first_of, iso_day, read_cell
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told, folded_header

WHOLE_ACCOUNT = "account"
"""Stands for the campaign where the report has none: its rows are the days of the account."""

_CAMPAIGN_LABELS = ("campaign id", "campaign name")
_MIDNIGHT = ("00:00", "00:00:00")


def _day(row: Row) -> str:
    first, end = read_cell(row, "start time", iso_day), read_cell(row, "end time", iso_day)
    # A day ends with its last second or with the first of the next.
    if row.cells["end time"].endswith(_MIDNIGHT) and end > first:
        end = (date.fromisoformat(end) - timedelta(days=1)).isoformat()
    if first != end:
        raise WrongValue("not_daily", "must lie on the day of `start time`: export by day", field="end time")
    return first


def _is_summary(row: Row) -> bool:
    """A row of totals has no day, and the word in whichever column or nothing that it could be of."""
    start = row.cells["start time"]
    if start and not start.casefold().startswith("total"):
        return False
    is_of_something = any(row.cells.get(label) for label in ("end time", *_CAMPAIGN_LABELS))
    return not is_of_something or any(cell.casefold().startswith("total") for cell in row.cells.values())


_EXPORT = AdExport(
    platform="snapchat",
    columns={
        "campaign_id": ("campaign id",),
        "campaign": ("campaign name",),
        "ad_group_id": ("ad set id", "ad squad id"),
        "ad_group": ("ad set name", "ad squad name"),
        "ad_id": ("ad id",),
        "ad": ("ad name",),
        "currency": ("currency",),
        "spend": ("spend", "amount spent"),
        "impressions": ("paid impressions",),
        "clicks": ("swipe ups",),
        "conversions": ("purchases",),
        "revenue": ("purchases value",),
    },
    day=_day,
    is_summary=_is_summary,
    breakdowns=frozenset({"age", "country", "device", "gender", "operating system", "placement", "region"}),
)


def _read(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    there = frozenset(map(folded_header, sheet.headers))
    whole = {} if first_of(_CAMPAIGN_LABELS, there) else {"campaign_id": WHOLE_ACCOUNT}
    return read_ads(replace(_EXPORT, everywhere=whole), sheet, reading)


SNAPCHAT_ADS = Format(
    name="snapchat_ads",
    title="Snapchat Ads Manager, report by day (CSV)",
    source="snapchat_ads",
    requires=frozenset({"start time", "end time", "paid impressions", "swipe ups"}),
    reads=_EXPORT.reads("start time", "end time"),
    texts=_EXPORT.texts,
    read=_read,
    claims=claim_ad_days,
    once=AD_DAYS_ONCE,
)
