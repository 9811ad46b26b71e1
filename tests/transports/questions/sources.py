"""Where the formulas come from: said on their page, under each version."""

from __future__ import annotations

from collections.abc import Mapping

SOURCES: Mapping[str, str] = {
    "pnl.v1": (
        "Sales from gross to net follow Shopify's definitions for its sales reports (help.shopify.com). "
        "Contribution margins follow the three tiers that dema.ai and omegapoint.systems describe; the tiers are "
        "not standardised, so every answer carries its formulas. That revenue is after discounts, before tax, "
        "less refunds and without test orders is MerchantFlow's default (docs.merchantflow.ai)."
    ),
    "bridge.v1": "Ours: `shared/domain/analytics/bridge.py` derives that the effects add up.",
    "expenses.v1": "Ours: what the books say, spread over the days that it covers.",
    "cash.v1": (
        "Cash divided by what is burnt in a month, as is usual; financing, draws of the owner and transfers are "
        "no burn."
    ),
    "attribution.v1": (
        "The usual rules over the touches of a path (40/20/40 by position, half the weight for every seven days); "
        "the removal effect of a first-order Markov chain after Anderl et al., *Mapping the customer journey*, "
        "2016."
    ),
    "cohort.v1": "Ours: whole calendar months since the month of the first order.",
    "products.v1": "The product's part of `pnl.v1`; costs of an order go by what its lines came to.",
    "viability.v1": (
        "Ours: MerchantFlow's own rule is not published where we could read it. Break-even CPA and ROAS are arithmetic."
    ),
    "ads.v1": (
        "New-customer cost of acquisition is Triple Whale's NCPA (triplewhale.readme.io); the platforms' usual "
        "windows are those of ppl.studio/glossary/attribution-window and adbid.me. Snapchat's is not verified."
    ),
    "ltv.v1": (
        "The models are BG/NBD (P. S. Fader, B. G. S. Hardie, K. L. Lee, Marketing Science 24, 2005, with its "
        "likelihood, P(alive) and conditional expectation) and gamma-gamma (Fader and Hardie, 2013). The gates (300 "
        "customers, 60 of them with a second order day, an error of at most 25 % in the last third of the time, q "
        "above 1) and the twelfth of 52 weeks that is a month are ours."
    ),
    "customers.v1": (
        "Quintiles of recency, frequency and monetary value are the usual RFM of direct marketing; equals have equal "
        "scores, and the rule of the kinds is ours (`shared/domain/analytics/rfm.py`). Chances and expectations are "
        "the BG/NBD and gamma-gamma models of Fader, Hardie and Lee."
    ),
    "steering.v1": "Ours: `shared/domain/analytics/inputs.py` derives that the parts of a change add up.",
    "goals.v1": (
        "Ours: same-weekday weights of the eight weeks before, and days that stood out a year before (ADR 17). "
        "Measured on CDNOW's twelve months from July 1997, a projection is off by 14.7 % on average after 5 days, by "
        "12.6 % after 10 and by 7.9 % after 20."
    ),
    "valuation.v1": (
        "Earnings are those that buyers of small businesses reckon with; 2.4 to 3.8 times SDE is the band that "
        "MerchantFlow's TrustProfit publishes (trustprofit.io/methodology), 1.5 to 7 times adjusted EBITDA and 0.5 "
        "to 1.5 times revenue are of adastraequity.com and ecomvault.io. The cash flow is the textbook's, with money "
        "in the middle of each year. The scorecard's thresholds and the median of the methods are ours "
        "(`shared/domain/analytics/scorecard.py`)."
    ),
    "anomalies.v1": (
        "The modified z-score of Iglewicz and Hoaglin (1993); weekdays, windows and floors are ours. Of 462 days "
        "of CDNOW's repeat revenue it flags 3.2 % as they were, and finds all of those set to nothing, 95.0 % of those "
        "cut to a quarter, 40.5 % of those halved and 74.5 % of those tripled; at |score| 5 it flags 0.9 %, and finds "
        "100, 73, 12 and 46 %."
    ),
}
