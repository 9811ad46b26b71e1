"""Google Ads: a downloaded report of campaigns, ad groups or ads, segmented by day, in English."""

from __future__ import annotations

from functools import partial

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.ads import AD_DAYS_ONCE, AdExport, claim_ad_days, read_ads
from shared.services.imports.formats.cells import NOTHING, english_day, read_cell
from shared.services.imports.formats.format import Format, Row

_TOTAL = "total:"


def _day(row: Row) -> str:
    if "day" not in row.cells:
        raise WrongValue("not_daily", "is missing, so this is not a daily breakdown: segment it by day", field="day")
    return read_cell(row, "day", english_day)


def _is_summary(row: Row) -> bool:
    """Totals have no day, and `Total: Account` or the like in whichever column is the first."""
    day = row.cells.get("day", "").casefold()
    has_day = day not in NOTHING and not day.startswith(_TOTAL)
    return not has_day and any(cell.casefold().startswith(_TOTAL) for cell in row.cells.values())


_EXPORT = AdExport(
    platform="google",
    columns={
        "account": ("customer id",),
        "campaign_id": ("campaign id",),
        "campaign": ("campaign",),
        "ad_group_id": ("ad group id",),
        "ad_group": ("ad group",),
        "ad_id": ("ad id",),
        "currency": ("currency code",),
        "spend": ("cost",),
        "impressions": ("impr.",),
        "clicks": ("clicks",),
        "conversions": ("conversions",),
        "revenue": ("conv. value",),
    },
    day=_day,
    is_summary=_is_summary,
    breakdowns=frozenset(
        {
            "age",
            "click type",
            "conversion action",
            "conversion category",
            "device",
            "gender",
            "hour of the day",
            "keyword",
            "match type",
            "network",
            "network (with search partners)",
            "search keyword",
            "search term",
            "top vs. other",
        }
    ),
)

GOOGLE_ADS = Format(
    name="google_ads",
    title="Google Ads, report of campaigns, ad groups or ads by day (CSV)",
    source="google_ads",
    requires=frozenset({"campaign", "cost", "impr."}),
    reads=_EXPORT.reads("day"),
    texts=_EXPORT.texts,
    unneeded=frozenset(
        {
            "account",
            "account name",
            "ad group state",
            "ad group status",
            "ad state",
            "ad status",
            "avg. cost",
            "avg. cpc",
            "avg. cpm",
            "budget",
            "budget name",
            "campaign state",
            "campaign status",
            "campaign type",
            "conv. rate",
            "conv. value / cost",
            "cost / conv.",
            "ctr",
            "interaction rate",
            "interactions",
        }
    ),
    read=partial(read_ads, _EXPORT),
    claims=claim_ad_days,
    once=AD_DAYS_ONCE,
)
