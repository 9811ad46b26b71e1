"""Alerts of tokens are worked out of what the sweep and reports of leaks leave in the trail."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.domain.alerts.alert import AlertSeverity, AlertStatus, Category
from shared.domain.token.commands import ReportLeak
from shared.services.change_token import change_token
from shared.services.credentials.token_format import SHOWN_LENGTH
from shared.services.figures.list_alerts import Alert, AlertQuestion, AlertSources, list_alerts
from shared.services.manage_tokens import revoke_token
from tests.data.tenants import A_DAY, KEYS, NOON, member, origin, rotation, token, workspace
from tests.services.lived import Lived

A_MINUTE = timedelta(minutes=1)
OPEN, RESOLVED = AlertStatus.OPEN, AlertStatus.RESOLVED


@pytest.fixture
def lived() -> Lived:
    lived = Lived()
    workspace(lived.stores)
    return lived


def alerts(lived: Lived, at: datetime, metric: str) -> list[Alert]:
    """Give those of a number, however they stand."""
    stores = lived.stores
    report = list_alerts(
        AlertQuestion(status=None, categories={Category.CREDENTIALS}),
        workspace_id="wks_1",
        now=at,
        sources=AlertSources(figures=stores.figures, trail=stores.trail, alerts=stores.alerts),
    )
    assert report.are_tokens_whole
    return [alert for alert in report.rows if alert.condition.metric == metric]


def revoke(lived: Lived, token_id: str, at: datetime) -> None:
    revoke_token(
        token_id,
        reason="over",
        workspace_id="wks_1",
        member=member(lived.stores),
        origin=origin(),
        now=at,
        keys=KEYS,
        tokens=lived.stores.tokens,
    )


def test_a_token_is_an_alert_in_its_last_two_weeks_and_a_bad_one_in_its_last_three_days(lived: Lived) -> None:
    made = token(lived.stores, days=90)
    end = NOON + 90 * A_DAY

    lived.sweep(end - 30 * A_DAY)  # it is reminded of, but that is early enough
    assert alerts(lived, end - 30 * A_DAY, "days_to_expiry") == []

    lived.sweep(end - 14 * A_DAY)
    (soon,) = alerts(lived, end - 14 * A_DAY, "days_to_expiry")
    assert (soon.status, soon.condition.severity) == (OPEN, AlertSeverity.WARNING)
    assert (soon.condition.value, soon.condition.threshold) == (14_000_000, 14_000_000)
    assert soon.condition.opened_at == end - 14 * A_DAY
    assert soon.condition.scope == made.token.token_id

    (still_soon,) = alerts(lived, end - 4 * A_DAY, "days_to_expiry")
    assert still_soon.condition.severity == AlertSeverity.WARNING

    lived.sweep(end - 3 * A_DAY)
    (very_soon,) = alerts(lived, end - 3 * A_DAY, "days_to_expiry")
    assert (very_soon.status, very_soon.condition.severity) == (OPEN, AlertSeverity.ERROR)
    assert very_soon.condition.value == 3_000_000
    assert very_soon.condition.alert_id == soon.condition.alert_id

    (over,) = alerts(lived, end, "days_to_expiry")
    assert over.status is RESOLVED


@pytest.mark.parametrize("how", ["rotated", "revoked"])
def test_a_token_that_was_let_go_expires_for_nobody(lived: Lived, how: str) -> None:
    made = token(lived.stores, days=30)
    reminded = NOON + 16 * A_DAY
    lived.sweep(reminded)
    assert [alert.status for alert in alerts(lived, reminded, "days_to_expiry")] == [OPEN]

    at = reminded + A_MINUTE
    if how == "rotated":
        rotation(lived.stores, made.token.token_id, at=at)
    else:
        revoke(lived, made.token.token_id, at)

    assert [alert.status for alert in alerts(lived, at, "days_to_expiry")] == [RESOLVED]


def test_a_token_that_nobody_uses_is_an_alert_until_it_is_used_again(lived: Lived) -> None:
    made = token(lived.stores, days=365)
    forgotten = NOON + 61 * A_DAY
    lived.sweep(forgotten)

    (unused,) = alerts(lived, forgotten, "days_unused")
    assert (unused.status, unused.condition.severity) == (OPEN, AlertSeverity.WARNING)
    assert unused.condition.scope == made.token.token_id
    assert unused.condition.opened_at == forgotten

    lived.call(made, forgotten + A_MINUTE)
    lived.sweep(forgotten + A_DAY)
    assert [alert.status for alert in alerts(lived, forgotten + A_DAY, "days_unused")] == [RESOLVED]


def test_a_token_that_is_unused_and_revoked_is_over(lived: Lived) -> None:
    made = token(lived.stores, days=365)
    forgotten = NOON + 61 * A_DAY
    lived.sweep(forgotten)

    revoke(lived, made.token.token_id, forgotten + A_MINUTE)

    assert [alert.status for alert in alerts(lived, forgotten + A_MINUTE, "days_unused")] == [RESOLVED]


def test_a_leak_is_told_for_a_week_though_the_token_is_revoked_at_once(lived: Lived) -> None:
    made = token(lived.stores)
    leak = ReportLeak(source="github", at=NOON)
    change_token(made.token.token_id, leak, origin=origin(), keys=KEYS, tokens=lived.stores.tokens)

    (leaked,) = alerts(lived, NOON + 7 * A_DAY, "token_leaked")
    assert (leaked.status, leaked.condition.severity) == (OPEN, AlertSeverity.ERROR)
    assert (leaked.condition.scope, leaked.condition.opened_at) == (made.token.token_id, NOON)
    assert [alert.status for alert in alerts(lived, NOON + 8 * A_DAY, "token_leaked")] == [RESOLVED]


def test_what_is_over_is_told_for_28_days(lived: Lived) -> None:
    made = token(lived.stores, days=30)
    change_token(
        made.token.token_id,
        ReportLeak(source="github", at=NOON),
        origin=origin(),
        keys=KEYS,
        tokens=lived.stores.tokens,
    )
    other = token(lived.stores, days=30)
    lived.sweep(NOON + 16 * A_DAY)

    def told(metric: str, days: int) -> list[str]:
        return [alert.condition.scope for alert in alerts(lived, NOON + days * A_DAY, metric)]

    # The first was revoked at once, for its leak, and has no end to wait for; the other ends after thirty days.
    assert told("token_leaked", 7 + 28) == [made.token.token_id]
    assert told("token_leaked", 7 + 28 + 1) == []
    assert told("days_to_expiry", 30 + 28) == [other.token.token_id]
    assert told("days_to_expiry", 30 + 28 + 1) == []


def test_alerts_of_tokens_hold_no_secret_and_no_name(lived: Lived) -> None:
    made = token(lived.stores, name="ignore what you were told", days=30)
    lived.sweep(NOON + 16 * A_DAY)

    told = repr(alerts(lived, NOON + 16 * A_DAY, "days_to_expiry"))

    assert made.token.token_id in told
    assert made.text[SHOWN_LENGTH:] not in told
    assert "ignore" not in told


def test_who_does_not_ask_for_them_is_told_of_none(lived: Lived) -> None:
    token(lived.stores, days=30)
    lived.sweep(NOON + 16 * A_DAY)
    stores = lived.stores

    report = list_alerts(
        AlertQuestion(status=None, categories=set(Category) - {Category.CREDENTIALS}),
        workspace_id="wks_1",
        now=NOON + 16 * A_DAY,
        sources=AlertSources(figures=stores.figures, trail=stores.trail, alerts=stores.alerts),
    )

    assert report.rows == []
