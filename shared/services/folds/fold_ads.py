"""The months of ad accounts, and what campaigns are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.domain.facts.ads import SEPARATOR, AdFigure, AdMonth, CampaignNames
from shared.domain.facts.parts import in_parts
from shared.domain.facts.settings import Settings
from shared.services.folds.ad_tables import SUMS
from shared.services.folds.duck import Duck, literal
from shared.services.folds.months import length_of, month_of

MOST_WINDOWS = 50
"""Attribution windows of an account's month that are kept: more than any platform has, and few enough for one row.

The claims of others are in no window, but among those made in any: so nobody takes what is kept for all there is.
"""

Columns = dict[str, list[int]]


def fold_ads(duck: Duck, settings: Settings, generation: int) -> Sequence[AdMonth]:
    """Add up the days of each account; one row for each month and account with any."""
    rows = duck.named_rows(f"""
        SELECT day, platform, source, account, "window", {SUMS} FROM ad_figures GROUP BY ALL
        ORDER BY platform, source, account, day
    """)
    accounts: dict[tuple[str, str, str, str], dict[str | None, Columns]] = {}
    for row in rows:
        day = row.pop("day")
        place = (month_of(day), row.pop("platform"), row.pop("source"), row.pop("account"))
        columns = accounts.setdefault(place, {}).setdefault(row.pop("window"), {})
        for figure, value in row.items():
            if value:
                columns.setdefault(figure, [0] * length_of(place[0]))[day.day - 1] = value
    return [
        AdMonth(
            month=month,
            platform=platform,
            source=source,
            account=account,
            currency=settings.currency,
            generation=generation,
            days=windows.get(None, {}),
            claims=_most_claimed({name: columns for name, columns in windows.items() if name is not None}),
        )
        for (month, platform, source, account), windows in sorted(accounts.items())
    ]


def fold_campaign_names(duck: Duck, _settings: Settings, generation: int) -> Sequence[CampaignNames]:
    """Give each campaign the name that was told last: in the latest export, of its latest day."""
    rows = duck.rows(f"""
        SELECT concat_ws({literal(SEPARATOR)}, platform, source, account, campaign_id) AS key,
               first(campaign ORDER BY exported_at DESC, day DESC, campaign) AS name
        FROM ad_rows WHERE campaign IS NOT NULL GROUP BY 1 ORDER BY 1
    """)
    return [
        CampaignNames(part=part, generation=generation, keys=[key for key, _ in some], names=[name for _, name in some])
        for part, (some, _) in enumerate(in_parts(rows) if rows else ())
    ]


def _most_claimed(claims: Mapping[str, Columns]) -> Mapping[str, Columns]:
    def ad_days(window: str) -> int:
        return sum(sum(claims[window].get(known, ())) for known in (AdFigure.CONVERSIONS_KNOWN, AdFigure.REVENUE_KNOWN))

    kept = sorted(claims, key=lambda window: (-ad_days(window), window))[:MOST_WINDOWS]
    return {window: claims[window] for window in sorted(kept)}
