"""Ten thousand real paths through the import and the fold: credits as they are known for this data.

Channels by first touch, last touch and linear, in CATALOGUE's figures: alpha 6,308, iota 4,606, eta 3,164; alpha 8,447;
alpha 7,574.719.
"""

from __future__ import annotations

from datetime import date

import pytest

from shared.domain.analytics.attribution import MILLION, RULES, Lookback, Model
from shared.domain.analytics.credits import Credit
from shared.domain.analytics.periods import Asked
from shared.domain.facts.imports import Counts, ImportStatus
from shared.services.figures.compare_attribution import AttributionQuestion, AttributionReport, compare_attribution
from tests.data import mta_paths
from tests.data.merchants import NOW, WORKSPACE, Merchant

CONVERSIONS = 19_785
VALUE = 74_802.97
PATHS = [path for path in mta_paths.paths() if path.conversions]
DAY = date.fromisoformat(mta_paths.DAY)


@pytest.fixture(scope="module")
def report() -> AttributionReport:
    merchant = Merchant()
    record = merchant.import_bytes("".join(line + "\n" for line in mta_paths.lines()).encode())
    assert record.status is ImportStatus.FINISHED
    assert record.report is not None
    assert record.report.counts["order"] == Counts(new=CONVERSIONS)
    merchant.fold()
    question = AttributionQuestion(period=Asked(first=DAY, last=DAY), lookback=Lookback.WEEK)
    return compare_attribution(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)


def orders(report: AttributionReport, model: Model) -> dict[str, float]:
    return {row.origin.channel: (row.credits[model].orders or 0) / MILLION for row in report.rows}


def test_all_conversions_and_their_value_are_credited_by_every_model(report: AttributionReport) -> None:
    whole = Credit(orders=CONVERSIONS * MILLION, revenue=report.paths.revenue)

    assert report.paths.revenue / MILLION == pytest.approx(VALUE, abs=0.005)
    assert report.totals == dict.fromkeys((*RULES, Model.MARKOV), whole)
    assert len(report.rows) == 12


def test_the_known_credits_come_out(report: AttributionReport) -> None:
    first, last = orders(report, Model.FIRST_TOUCH), orders(report, Model.LAST_TOUCH)

    assert (first["alpha"], first["iota"], first["eta"]) == (6308, 4606, 3164)
    assert last["alpha"] == 8447
    assert orders(report, Model.LINEAR)["alpha"] == pytest.approx(7574.719, abs=0.02)


def test_touches_of_one_day_decay_alike(report: AttributionReport) -> None:
    linear, decayed = orders(report, Model.LINEAR), orders(report, Model.TIME_DECAY)

    assert decayed == linear


def test_nothing_here_is_direct(report: AttributionReport) -> None:
    assert orders(report, Model.LAST_NON_DIRECT) == orders(report, Model.LAST_TOUCH)


def test_position_based_credits_are_40_20_40(report: AttributionReport) -> None:
    expected = dict.fromkeys(orders(report, Model.LINEAR), 0.0)
    for path in PATHS:
        size = len(path.channels)
        shares = [1 / size] * size if size <= 2 else [0.4, *[0.2 / (size - 2)] * (size - 2), 0.4]
        for channel, share in zip(path.channels, shares, strict=True):
            expected[channel] += share * path.conversions

    assert orders(report, Model.POSITION_BASED) == pytest.approx(expected, abs=0.1)
