from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest

from shared.domain.scopes import Scope
from shared.services.refusals import (
    FORMS,
    LimitState,
    Reason,
    Refusal,
    expired,
    lacks_scope,
    over_limit,
    revoked,
    signing_in_again,
    unavailable,
)
from tests.data.examples import grant_approved, token_after, token_created, token_of

SHOWN_AS_TYPED = frozenset(string.printable) - frozenset('"\\`\t\n\r\x0b\x0c')
"""What a client that prints the raw JSON body still shows as it was written."""


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_says_what_happened_and_how_to_mend_it(reason: Reason) -> None:
    form = FORMS[reason]

    assert form.message.endswith(".")
    assert form.hint.endswith(".")
    assert frozenset(form.message + form.hint) <= SHOWN_AS_TYPED


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (Reason.CREDENTIAL_MISSING, 401, -32010),
        (Reason.TOKEN_MALFORMED, 401, -32010),
        (Reason.TOKEN_UNKNOWN, 401, -32010),
        (Reason.TOKEN_EXPIRED, 401, -32010),
        (Reason.TOKEN_REVOKED, 401, -32010),
        (Reason.INSUFFICIENT_SCOPE, 403, -32011),
        (Reason.RATE_LIMITED, 429, -32012),
        (Reason.PLAN_REQUIRED, 403, -32013),
        (Reason.ORGANIZATION_NOT_AUTHORIZED, 403, -32013),
        (Reason.AUDIT_UNAVAILABLE, 503, -32014),
        (Reason.STORE_UNAVAILABLE, 503, -32014),
    ],
)
def test_the_status_and_the_code_of_a_refusal_are_the_published_ones(reason: Reason, status: int, code: int) -> None:
    assert (FORMS[reason].status, FORMS[reason].code) == (status, code)


def test_the_words_that_the_pma_page_tells_its_users_to_look_for_are_there() -> None:
    assert "organization not authorized" in FORMS[Reason.ORGANIZATION_NOT_AUTHORIZED].message
    assert "rate limit exceeded" in FORMS[Reason.RATE_LIMITED].message


def test_a_refusal_names_its_moment_in_utc() -> None:
    at = datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=UTC)

    assert expired(at).details == {"expired_at": "2026-11-21T12:00:00Z"}
    assert revoked(at).details == {"revoked_at": "2026-11-21T12:00:00Z"}


def test_a_missing_scope_is_named_with_its_tool() -> None:
    token = token_of(token_created(scopes=frozenset({Scope.ADS})))
    refusal = lacks_scope("get_pnl", frozenset({Scope.PRODUCTS, Scope.PNL}), token)

    assert refusal.details == {"tool": "get_pnl", "missing_scopes": ["mcp:pnl:read", "mcp:products:read"]}
    assert refusal.sign_in_for is None


def test_an_app_is_to_ask_for_what_it_lacks_and_for_what_it_has() -> None:
    grant = token_after(grant_approved(scopes=frozenset({Scope.ADS})))

    assert lacks_scope("get_pnl", frozenset({Scope.PNL}), grant).sign_in_for == {Scope.ADS, Scope.PNL}


@pytest.mark.parametrize("reason", Reason)
def test_an_app_is_told_what_happened_and_how_to_mend_it_with_the_status_and_the_code_of_the_table(
    reason: Reason,
) -> None:
    form = signing_in_again(Refusal(reason=reason)).form

    assert (form.status, form.code) == (FORMS[reason].status, FORMS[reason].code)
    assert form.message.endswith(".")
    assert form.hint.endswith(".")
    assert frozenset(form.message + form.hint) <= SHOWN_AS_TYPED
    if form.status == 401 and reason is not Reason.CREDENTIAL_MISSING:
        assert "configuration" not in form.hint, "nobody puts an access token into one"
        assert form != FORMS[reason]


def test_a_full_window_and_a_store_that_is_down_say_when_to_come_back() -> None:
    limit = LimitState(policy="plus", quota=60, window_seconds=60, remaining=0, reset_seconds=12)

    assert over_limit(limit).retry_after == 12
    assert over_limit(limit).details == {"retry_after_seconds": 12, "policy": "plus"}
    assert unavailable(Reason.STORE_UNAVAILABLE).retry_after == 5
