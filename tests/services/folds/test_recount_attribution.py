"""Attribution over random merchants and random ranges is what the slow, obvious count of their files says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.attribution import RULES, Lookback, Model
from shared.domain.analytics.credits import total
from shared.domain.analytics.periods import Asked
from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.settings import Settings
from shared.services.figures.compare_attribution import (
    AttributionQuestion,
    AttributionReport,
    GroupBy,
    compare_attribution,
)
from tests.data.merchants import NOW, WORKSPACE, Merchant, as_file
from tests.data.random_paths import paths_histories, spans
from tests.data.recount import Rules
from tests.data.recount_attribution import Credits, credits_of, markov_of, paths_of

NEW_YORK = "America/New_York"
EXAMPLES = settings().max_examples // 16
"""As many as of the other recounts; half as many of those that ask for every day."""
MILLION = 1_000_000


def merchant_of(history: list[list[dict[str, Any]]]) -> Merchant:
    merchant = Merchant()
    merchant.settle(Settings(timezone=NEW_YORK))
    for file in history:
        record = merchant.import_bytes(as_file(file))
        assert record.status is ImportStatus.FINISHED, record.report
    merchant.fold()
    return merchant


def report_of(
    merchant: Merchant, first: date, last: date, lookback: Lookback, group_by: GroupBy = GroupBy.CHANNEL
) -> AttributionReport:
    question = AttributionQuestion(period=Asked(first=first, last=last), group_by=group_by, lookback=lookback)
    return compare_attribution(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)


def credited(report: AttributionReport) -> Credits:
    found = Credits()
    for row in report.rows:
        for rule in RULES:
            if credit := row.credits.get(rule):
                found[row.origin.channel, row.origin.campaign, rule, "orders"] += credit.orders or 0
                found[row.origin.channel, row.origin.campaign, rule, "revenue"] += credit.revenue or 0
    return found


def by_channel(credits_: Credits) -> Credits:
    found = Credits()
    for (channel, _, model, what), value in credits_.items():
        found[channel, "", model, what] += value
    return found


def exact(credits_: Credits) -> Mapping[Any, int]:
    """Leave out what is zero, and time decay, whose weights the slow count does not round."""
    return {place: value for place, value in credits_.items() if value and place[2] != Model.TIME_DECAY}


def decayed(credits_: Credits) -> Mapping[Any, int]:
    return {place: value for place, value in credits_.items() if place[2] == Model.TIME_DECAY}


@settings(max_examples=EXAMPLES)
@given(paths_histories(), spans, st.sampled_from(Lookback))
def test_credits_are_what_the_slow_count_says_and_single_days_add_up_to_their_range(
    history: list[list[dict[str, Any]]], span: list[date], lookback: Lookback
) -> None:
    first, last = span
    merchant = merchant_of(history)
    channels = report_of(merchant, first, last, lookback)
    campaigns = report_of(merchant, first, last, lookback, GroupBy.CAMPAIGN)

    paths = paths_of(history, Rules(zone=NEW_YORK), first=first, last=last, lookback=lookback)
    expected = credits_of(paths)
    touched = [path for path in paths if path.touches]
    worth = sum(abs(path.revenue) for path in paths)

    assert (channels.paths.orders, channels.paths.revenue) == (len(paths), sum(path.revenue for path in paths))
    assert channels.paths.touched == len(touched)
    assert channels.paths.touched_revenue == sum(path.revenue for path in touched)
    assert channels.paths.one_touch == sum(len(path.touches) == 1 for path in paths)
    assert exact(credited(campaigns)) == exact(expected)
    assert exact(credited(channels)) == exact(by_channel(expected))
    assert decayed(credited(campaigns)) == pytest.approx(decayed(expected), abs=100 + worth * 1e-6)
    for model, credit in channels.totals.items():
        assert (credit.orders, credit.revenue) == (len(touched) * MILLION, sum(path.revenue for path in touched)), model
        assert credit == total(row.credits[model] for row in channels.rows)
    markov = {row.origin.channel: row.credits[Model.MARKOV] for row in channels.rows if Model.MARKOV in row.credits}
    shares = markov_of(touched)
    assert markov.keys() == shares.keys()
    for channel, share in shares.items():
        assert markov[channel].orders == pytest.approx(share * len(touched) * MILLION, abs=len(touched))
    if touched and channels.paths.one_touch == len(touched):
        for row in channels.rows:
            assert len({credit.revenue for model, credit in row.credits.items() if model in RULES}) == 1
    adds_up(merchant, first, last, lookback)


def adds_up(merchant: Merchant, first: date, last: date, lookback: Lookback) -> None:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]

    for group_by in GroupBy:
        sum_of_days = Counter[Any]()
        for day in days:
            sum_of_days.update(credited(report_of(merchant, day, day, lookback, group_by)))
        assert +sum_of_days == +credited(report_of(merchant, first, last, lookback, group_by))
        assert -sum_of_days == -credited(report_of(merchant, first, last, lookback, group_by))
