"""What campaigns cost and what the platforms claim for them, in whole micros of the reporting currency.

ad_figures       one row an ad day (window: null), and one for each attribution window that claims anything for it
campaign_days    day, key and a column for each `AdFigure`: the same by campaign, and by campaign and window
"""

from __future__ import annotations

from shared.domain.facts.ads import NO_WINDOW, SEPARATOR, AdFigure
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck, literal


def build_ad_tables(duck: Duck, _settings: Settings) -> None:
    """Make the tables named above, from those of spending."""
    duck.run(_AD_FIGURES)
    duck.run(_CAMPAIGN_DAYS)


# Where the rate of the spend is not known, nothing of the ad day counts: a ratio of some of it would be wrong.
_AD_FIGURES = f"""
    CREATE OR REPLACE TEMP TABLE ad_figures AS
    SELECT day, platform, source, account, campaign_id, NULL::VARCHAR AS "window",
           1 AS ad_days, amount AS spend,
           impressions, (impressions IS NOT NULL)::INTEGER AS impressions_known,
           clicks, (clicks IS NOT NULL)::INTEGER AS clicks_known,
           has_conversions::INTEGER AS conversions_known, has_revenue::INTEGER AS revenue_known
    FROM spend WHERE amount IS NOT NULL
    UNION ALL BY NAME
    SELECT day, platform, source, account, campaign_id, 1 AS unconverted FROM spend WHERE amount IS NULL
    UNION ALL BY NAME
    SELECT day, platform, source, account, campaign_id, coalesce("window", {literal(NO_WINDOW)}) AS "window",
           conversions, (conversions IS NOT NULL)::INTEGER AS conversions_known,
           converted(revenue, nanos) AS revenue, (revenue IS NOT NULL AND nanos IS NOT NULL)::INTEGER AS revenue_known
    FROM ad_rows WHERE spend_nanos IS NOT NULL AND (conversions IS NOT NULL OR revenue IS NOT NULL)
"""

SUMS = ", ".join(f"stored(coalesce(sum({figure}), 0)) AS {figure}" for figure in AdFigure)

# `concat_ws` leaves out what is null: the key of what is in no window ends with the campaign.
_CAMPAIGN_DAYS = f"""
    CREATE OR REPLACE TEMP TABLE campaign_days AS
    SELECT day, concat_ws({literal(SEPARATOR)}, platform, source, account, campaign_id, "window") AS key, {SUMS}
    FROM ad_figures GROUP BY ALL
"""
