"""TikTok Ads Manager: a report by day of campaigns, ad groups or ads."""

from __future__ import annotations

from functools import partial

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.ads import AD_DAYS_ONCE, AdExport, claim_ad_days, read_ads
from shared.services.imports.formats.cells import NOTHING, iso_day, read_cell
from shared.services.imports.formats.format import Format, Row

_DAYS = ("by day", "date")


def _day(row: Row) -> str:
    label = next((label for label in _DAYS if label in row.cells), None)
    if label is None:
        raise WrongValue("not_daily", "is missing, so this is not a daily breakdown: export by day", field="by day")
    return read_cell(row, label, iso_day)


def _is_summary(row: Row) -> bool:
    """A row of totals has no day, and no campaign or the word in whichever column."""
    days = [row.cells.get(label, "").casefold() for label in _DAYS]
    is_nameless = not (row.cells["campaign name"] or row.cells.get("campaign id"))
    has_day = any(day not in NOTHING and not day.startswith("total") for day in days)
    return not has_day and (is_nameless or any(cell.casefold().startswith("total") for cell in row.cells.values()))


_EXPORT = AdExport(
    platform="tiktok",
    columns={
        "campaign_id": ("campaign id",),
        "campaign": ("campaign name",),
        "ad_group_id": ("ad group id",),
        "ad_group": ("ad group name",),
        "ad_id": ("ad id",),
        "ad": ("ad name",),
        "currency": ("currency",),
        "spend": ("cost",),
        "impressions": ("impressions",),
        "clicks": ("clicks (destination)",),
        "conversions": ("complete payment", "conversions"),
        "revenue": ("total complete payment value", "total conversion value"),
    },
    day=_day,
    is_summary=_is_summary,
    breakdowns=frozenset({"age", "country/region", "gender", "placement", "platform"}),
)

TIKTOK_ADS = Format(
    name="tiktok_ads",
    title="TikTok Ads Manager, report of campaigns, ad groups or ads by day (CSV)",
    source="tiktok_ads",
    requires=frozenset({"campaign name", "cost", "clicks (destination)"}),
    reads=_EXPORT.reads(*_DAYS),
    texts=_EXPORT.texts,
    unneeded=frozenset(
        {
            "cost per conversion",
            "cpc (destination)",
            "cpm",
            "ctr (destination)",
            "frequency",
            "primary status",
            "reach",
        }
    ),
    read=partial(read_ads, _EXPORT),
    claims=claim_ad_days,
    once=AD_DAYS_ONCE,
)
