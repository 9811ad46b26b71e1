"""What people are told, and who: every event of a token or a workspace leads to one notice, or to none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from shared.domain.notices import TOLD, Succession
from shared.domain.token.events import (
    AbandonmentCleared,
    TokenEvent,
    TokenKind,
    TokenResumed,
    TokenSuspended,
)
from shared.domain.workspace.events import (
    AccessGranted,
    MemberContactChanged,
    MemberRemoved,
    MemberRoleChanged,
    PlanChanged,
    Role,
    WorkspaceEvent,
)
from tests.data.examples import NOON, ONE_DAY
from tests.domain.notices import (
    APPROVED,
    EXPIRED,
    FLAGGED,
    FOUND,
    IN_USE,
    LIVES,
    MANAGERS,
    NEVER_USED,
    OF_GRANTS,
    OVER,
    OWNER,
    REMINDED,
    REPORTED,
    REVOKED,
    REVOKED_FOR_IT,
    ROTATED,
    SHUT_OUT,
    SUSPENDED,
    UNTOLD,
    WORKSPACE,
    altered,
    of,
    shut_out,
    text_of,
    told,
)

# --- which ------------------------------------------------------------------------------------------------------------


def test_every_event_that_may_be_told_is_and_no_other() -> None:
    examples = {type(event) for life in LIVES.values() for event in life} | {type(event) for event in UNTOLD}

    assert examples == set(get_args(TokenEvent))  # none is forgotten here
    assert {*LIVES, SHUT_OUT.type, FOUND.type} == set(TOLD)
    assert all(of(type_) is not None for type_ in LIVES)
    assert shut_out() is not None
    assert altered() is not None


@pytest.mark.parametrize("event", UNTOLD, ids=lambda event: event.type)
def test_what_its_doer_knows_or_nobody_needs_to_know_is_not_told(event: TokenEvent) -> None:
    assert event.type not in TOLD
    assert told(event) is None


@pytest.mark.parametrize(
    "event",
    [
        *WORKSPACE,
        PlanChanged(plan="plus", at=NOON),
        AccessGranted(at=NOON),
        MemberRoleChanged(member_id="mem_amy", role=Role.ANALYST, at=NOON),
        MemberRemoved(member_id="mem_amy", at=NOON),
        MemberContactChanged(member_id="mem_amy", has_contact=True, at=NOON),
    ],
    ids=lambda event: event.type,
)
def test_of_a_workspace_only_that_it_was_shut_out_is_told(event: WorkspaceEvent) -> None:
    assert shut_out(event=event) is None


def test_that_an_app_ends_by_itself_is_not_told() -> None:
    assert told(EXPIRED, kind=TokenKind.GRANT) is None


def test_whoever_connected_an_app_is_told_which_since_when_for_what_and_how_to_undo_it() -> None:
    notice = of("grant.approved", TokenKind.GRANT)

    assert notice is not None
    assert (notice.subject, notice.to) == ('App "Weekly sync" was connected to your account', {OWNER})
    text = text_of(notice)
    for fact in ('"app.example"', "2026-11-21 12:00 UTC", "mcp:ads:read, mcp:pnl:read", "/v1/tokens/tok1/revoke"):
        assert fact in text


@pytest.mark.parametrize("since", [REVOKED, EXPIRED], ids=lambda event: event.type)
def test_an_app_that_was_let_go_meanwhile_is_not_told_as_connected(since: TokenEvent) -> None:
    assert told(APPROVED, since, kind=TokenKind.GRANT) is None


def test_what_an_app_was_granted_is_not_told_as_a_token_to_be_generated() -> None:
    for type_ in OF_GRANTS:
        assert "generate a new one" not in text_of(of(type_, TokenKind.GRANT))


def test_a_leak_is_one_notice_and_the_revocation_that_follows_none() -> None:
    assert of("token.leak_reported") is not None
    assert told(REVOKED_FOR_IT, before=[REPORTED]) is None


def test_an_overlap_that_ends_is_told_only_if_the_clients_have_not_gone_over() -> None:
    assert told(OVER, before=[ROTATED], succession=IN_USE) is None
    assert "tok2" in text_of(told(OVER, before=[ROTATED], succession=NEVER_USED))


@pytest.mark.parametrize("used", [False, True])
def test_an_overlap_that_ends_with_no_successor_left_is_told_with_the_way_to_a_new_token(*, used: bool) -> None:
    text = text_of(told(OVER, before=[ROTATED], succession=Succession(living=None, used=used)))

    assert "no successor is left" in text
    assert "POST https://api.test/v1/tokens\n" in text
    assert "tok2" not in text


# --- what has been overtaken since ------------------------------------------------------------------------------------


@pytest.mark.parametrize("since", [ROTATED, REVOKED, EXPIRED], ids=lambda event: event.type)
def test_a_reminder_that_comes_too_late_is_not_sent(since: TokenEvent) -> None:
    assert told(REMINDED, since) is None


@pytest.mark.parametrize("since", [AbandonmentCleared(used_at=NOON, at=NOON), REVOKED], ids=lambda event: event.type)
def test_a_flag_that_is_gone_is_not_told(since: TokenEvent) -> None:
    assert told(FLAGGED, since) is None


def test_a_token_that_is_suspended_because_it_is_abandoned_is_told_of_once() -> None:
    for_it = TokenSuspended(suspended_by="system:sweeper", reason="not used since 2026-11-21", at=FLAGGED.at)

    assert told(FLAGGED, for_it) is None
    assert "not used since 2026-11-21" in text_of(told(for_it, before=[FLAGGED]))


@pytest.mark.parametrize(
    "since", [TokenResumed(resumed_by="mem_amy", reason="fine", at=NOON), REVOKED], ids=lambda event: event.type
)
def test_a_suspension_that_is_over_is_not_told(since: TokenEvent) -> None:
    assert told(SUSPENDED, since) is None


def test_access_that_was_granted_again_is_not_told_as_taken() -> None:
    assert shut_out(AccessGranted(at=NOON + 2 * ONE_DAY)) is None


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event", "doer"), [(REVOKED, "revoked_by"), (SUSPENDED, "suspended_by")])
def test_whoever_did_it_is_not_told_of_it(event: TokenEvent, doer: str) -> None:
    by_owner: Any = replace(event, **{doer: OWNER})
    of_organization = told(by_owner, kind=TokenKind.ORGANIZATION)

    assert told(by_owner) is None
    assert of_organization is not None
    assert of_organization.to == MANAGERS - {OWNER}


@pytest.mark.parametrize("by", ["operator:kim", "system:sweeper", "system:token_policy", "mem_amy", "token:tok1"])
def test_its_owner_is_told_of_what_anybody_else_did(by: str) -> None:
    notice = told(replace(REVOKED, revoked_by=by))

    assert notice is not None
    assert notice.to == {OWNER}
    assert by in text_of(notice)


@pytest.mark.parametrize("type_", LIVES)
def test_who_has_left_is_told_nothing(type_: str) -> None:
    left = [MemberRemoved(member_id=OWNER, at=NOON)]
    life = LIVES[type_]
    place = next(place for place, event in enumerate(life) if event.type == type_)
    notice = told(life[place], before=life[:place], people=left)

    if type_ == "token.leak_reported":
        assert notice is not None
        assert notice.to == MANAGERS - {OWNER}
    else:
        assert notice is None
