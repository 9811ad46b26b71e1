"""Meta Ads Manager: the exported table of campaigns, ad sets or ads, by day.

A row that tells impressions and leaves the cell of its clicks or purchases empty had none. That is our reading: no page
of Meta's that we know says what an empty cell means. These figures are counts of actions, and Meta's reports seem to
list only the actions that happened, so the table has nothing to write where none did. A row that tells purchases and no
value of them, or a value alone, shows that some were made: what it leaves empty is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.ads import AD_DAYS_ONCE, AdExport, claim_ad_days, read_ads
from shared.services.imports.formats.cells import iso_day, read_cell
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told, folded_header

_SPENT = re.compile(r"amount spent \(([a-z]{3})\)")


def _day(row: Row) -> str:
    if "day" in row.cells:
        return read_cell(row, "day", iso_day)
    if "reporting starts" not in row.cells or "reporting ends" not in row.cells:
        raise WrongValue("not_daily", "is missing, so this is not a daily breakdown: export by day", field="day")
    first = read_cell(row, "reporting starts", iso_day)
    if first != read_cell(row, "reporting ends", iso_day):
        raise WrongValue("not_daily", "must be the day that `reporting starts`: export by day", field="reporting ends")
    return first


def _is_summary(row: Row) -> bool:
    """Ads Manager writes one row for all, without a campaign or with the word instead of one, and no day.

    Without a column of days, the row for all may report on one.
    """
    campaign = row.cells["campaign name"].casefold() or row.cells.get("campaign id")
    has_day = row.cells.get("day") or row.cells.get("reporting starts")
    return not row.cells.get("day") if not campaign else campaign.startswith("total") and not has_day


_EXPORT = AdExport(
    platform="meta",
    columns={
        "account": ("account id",),
        "campaign_id": ("campaign id",),
        "campaign": ("campaign name",),
        "ad_group_id": ("ad set id",),
        "ad_group": ("ad set name",),
        "ad_id": ("ad id",),
        "ad": ("ad name",),
        "window": ("attribution setting",),
        "impressions": ("impressions",),
        "clicks": ("link clicks", "clicks (all)"),
        "conversions": ("purchases", "website purchases"),
        "revenue": (
            "purchases conversion value",
            "purchase conversion value",
            "website purchases conversion value",
        ),
    },
    day=_day,
    is_summary=_is_summary,
    breakdowns=frozenset(
        {
            "age",
            "country",
            "device platform",
            "dma region",
            "gender",
            "impression device",
            "placement",
            "platform",
            "region",
            "time of day (ad account time zone)",
            "time of day (viewer's time zone)",
        }
    ),
    empty_is_nothing={"clicks": (), "conversions": ("revenue",), "revenue": ("conversions",)},
)


def _read(sheet: Sheet, reading: Reading) -> Iterator[Told]:
    spent = next(filter(None, map(_SPENT.fullmatch, map(folded_header, sheet.headers))), None)
    if spent is None:
        return read_ads(_EXPORT, sheet, reading)
    columns = {**_EXPORT.columns, "spend": (spent[0],)}
    return read_ads(replace(_EXPORT, columns=columns, everywhere={"currency": spent[1].upper()}), sheet, reading)


META_ADS = Format(
    name="meta_ads",
    title="Meta Ads Manager, table of campaigns, ad sets or ads by day (CSV)",
    source="meta_ads",
    requires=frozenset({"campaign name"}),
    begins=("amount spent (",),
    reads=_EXPORT.reads("day", "reporting starts", "reporting ends", "amount spent"),
    texts=_EXPORT.texts,
    unneeded=frozenset(
        {
            "account name",
            "ad delivery",
            "ad set budget",
            "ad set budget type",
            "ad set delivery",
            "bid",
            "bid type",
            "campaign budget",
            "campaign budget type",
            "campaign delivery",
            "cost per result",
            "cost per results",
            "cpc (all)",
            "cpc (cost per link click)",
            "cpm (cost per 1,000 impressions)",
            "ctr (all)",
            "ctr (link click-through rate)",
            "ends",
            "frequency",
            "landing page views",
            "last significant edit",
            "reach",
            "result indicator",
            "results",
            "starts",
        }
    ),
    read=_read,
    claims=claim_ad_days,
    once=AD_DAYS_ONCE,
)
