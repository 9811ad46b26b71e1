"""What a reader of the worth of a customer must know: what no model holds for, and what is left out of it."""

from __future__ import annotations

from shared.domain.analytics.money import counted, share
from shared.domain.analytics.rates_missing import within
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat
from shared.services.figures.get_customer_ltv import LtvReport, Margin, Method
from shared.services.figures.list_top_customers import why_not
from shared.transports.mcp.tools.new_customers_caveats import overcounted_caveats
from shared.transports.mcp.tools.orders_caveats import orders_caveats
from shared.transports.mcp.tools.pnl_caveats import COST_OF_SALES_PARTIAL
from shared.transports.mcp.tools.rate_caveats import rates_caveat

LARGE_SHARE = 250_000
"""Of what is expected, in millionths; how large a customer's is exactly would be told of that one alone."""
LARGE_CORRELATION = 300_000
"""Beyond it, in millionths, the value of orders goes with their number, and gamma-gamma takes it not to."""


def ltv_caveats(report: LtvReport, *, method: Method, margin: Margin) -> list[Caveat]:
    """Say everything that makes a number of the report partial."""
    if report.suppressed:
        message = (
            f"These customers are too few (under {report.frame.settings.k_min}), or would give such customers away."
        )
        return [Caveat(code="suppressed", message=message)]
    return [
        *orders_caveats(
            report.frame,
            report.frame.overview.orders,
            as_of="values and expectations",
            nowhere="no value and no expectation",
        ),
        *(_of_history(report) if method is not Method.PREDICTIVE else []),
        *(_of_models(report) if method is not Method.HISTORICAL else []),
        *_of_costs(report, margin),
        *_of_rates(report),
    ]


def _of_history(report: LtvReport) -> list[Caveat]:
    caveats: list[Caveat] = []
    if report.hidden_cohorts:
        message = "Cohorts that get_cohort_retention suppresses are in no historical value."
        caveats.append(Caveat(code="suppressed", message=message))
    if report.cohorts_before is not None:
        message = (
            f"Customers whose first order was before {report.cohorts_before} are in the models, "
            "and in no historical value, margin or coverage."
        )
        caveats.append(Caveat(code="history_ends", message=message))
    early = [f"m{month}" for month, mark in report.marks.items() if not mark.customers]
    if early:
        message = f"{', '.join(early)}: so many months are over for no customer that may be shown."
        caveats.append(Caveat(code="immature_cells", message=message))
    return caveats


def _of_models(report: LtvReport) -> list[Caveat]:
    caveats: list[Caveat] = []
    found = report.lifetimes
    if report.failed:
        message = f"predictive is null, for no model holds: {why_not(report.failed)}"
        return [Caveat(code="insufficient_data", message=message)]
    if report.afterwards is not None and report.afterwards.few_in_a_month:
        message = (
            f"afterwards.cumulative_error is null: in a month of the last 12 fewer than {report.frame.settings.k_min} "
            "customers came, whom it would give away."
        )
        caveats.append(Caveat(code="suppressed", message=message))
    if found.largest is not None and found.largest > LARGE_SHARE:
        message = (
            "Of what all of them are expected to bring in the next 12 months, over a quarter is one customer's. The "
            "model does not know such orders: take predictive.value with care."
        )
        caveats.append(Caveat(code="one_customer", message=message))
    if found.correlation is not None and abs(found.correlation) > LARGE_CORRELATION:
        message = (
            "The more often customers order, the more (or less) an order of theirs is worth (model.correlation), "
            "which the model does not know: take predictive.value with care."
        )
        caveats.append(Caveat(code="value_goes_with_orders", message=message))
    if found.without_spending:
        message = (
            "Customers who came back and whose orders after the first came to more than nothing, less refunds: this "
            "share. The model of order values leaves the others out, so that predictive.value is too high."
        )
        part = share(found.repeaters - found.without_spending, found.repeaters)
        caveats.append(Caveat(code="spending_left_out", message=message, share=part))
    if found.days_a_step > 1:
        message = f"The model was fitted with days taken together by {found.days_a_step}, because customers are many."
        caveats.append(Caveat(code="model_binned", message=message))
    return caveats


def _of_costs(report: LtvReport, margin: Margin) -> list[Caveat]:
    caveats: list[Caveat] = []
    known = share(*report.cost_coverage)
    is_asked = margin is Margin.CM2 or report.cac is not None
    if report.is_cost_unknown and is_asked:
        message = (
            "Nobody told what the goods cost that these customers bought, so what is in CM2, ltv_to_cac and "
            "payback_month are null. list_product_costs with status=missing names the SKUs; margin=revenue is known."
        )
        caveats.append(Caveat(code="costs_unknown", message=message))
    elif known is not None and known < 1 and is_asked:
        caveats.append(Caveat(code="cogs_partial", message=COST_OF_SALES_PARTIAL, share=known))
    told, days = report.ad_days
    if report.cac is not None and told < days:
        message = (
            f"Ads are told of {counted(told, 'day')} of the {days} of {report.cac_months} only, so cac is too low. "
            "Import the ads of the other days."
        )
        caveats.append(Caveat(code="ad_days_unknown", message=message, share=share(told, days)))
    if report.cac is not None:
        wrong = "customers seem more than were won, and cac is too low"
        caveats += overcounted_caveats(report.frame, report.cac_months.first, wrong)
    return caveats


def _of_rates(report: LtvReport) -> list[Caveat]:
    caveats: list[Caveat] = []
    if missing := report.frame.unrated(Family.ORDER, Family.REFUND, Family.PAYMENT):
        what = "Orders, refunds or payments in a currency without a rate are in no value"
        caveats.append(rates_caveat(report.frame, what, missing))
    of_ads = within(report.frame.unrated(Family.AD_DAY, Family.EXPENSE), report.cac_months)
    if report.segment is None and of_ads:
        what = "Ads or expenses in a currency without a rate are in no cac"
        caveats.append(rates_caveat(report.frame, what, of_ads))
    return caveats
