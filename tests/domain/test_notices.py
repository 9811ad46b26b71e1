"""What people are told, and who: every event of a token or a workspace leads to one notice, or to none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.domain.notices import TOLD, Notice, Places, Succession, token_notice, workspace_notice
from shared.domain.token.decider import LEAK_REPORT, LEAKED
from shared.domain.token.decider import replay as replay_token
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    GrantRefreshed,
    LeakReported,
    OverlapEnded,
    RotationAdopted,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenRenamed,
    TokenResumed,
    TokenRevoked,
    TokenRotated,
    TokenSuspended,
)
from shared.domain.token.wording import WHOLE_TOKEN
from shared.domain.trail.events import TamperFound, Tampering
from shared.domain.workspace.decider import replay as replay_workspace
from shared.domain.workspace.events import (
    AccessGranted,
    AccessSuspended,
    MemberAdded,
    MemberContactChanged,
    MemberRemoved,
    MemberRoleChanged,
    PlanChanged,
    Role,
    WorkspaceEvent,
    WorkspaceRegistered,
)
from tests.data.examples import NOON, ONE_DAY, grant_approved, token_created

PAGE = Path(__file__).parents[2] / "docs" / "notices.md"
PLACES = Places(api_url="https://api.test/v1", docs_url="https://docs.test")
FOUND = TamperFound(tampering=Tampering.DELETED, row="W#ws1#2026-11-21 1795275600000#tok1#7", sequence="24", at=NOON)
WEEK_BEFORE = NOON + 83 * ONE_DAY
"""The plain token lives for ninety days."""
OWNER = "mem_adam"
MANAGERS = frozenset({"mem_olga", "mem_adam", "mem_amy"})
PEOPLE = {"mem_olga": Role.OWNER, "mem_adam": Role.ADMIN, "mem_amy": Role.ADMIN, "mem_ana": Role.ANALYST}
WORKSPACE: tuple[WorkspaceEvent, ...] = (
    WorkspaceRegistered(workspace_id="ws1", name="Tea & Sons", plan="alpha", at=NOON),
    *(
        MemberAdded(member_id=member_id, issuer="https://id.test", subject=member_id, role=role, at=NOON)
        for member_id, role in PEOPLE.items()
    ),
)

APPROVED = grant_approved(owner_id=OWNER, client_name="Weekly sync")
FLAGGED = AbandonmentFlagged(idle_since=NOON, after_days=30, at=NOON + 31 * ONE_DAY)
EXPIRED = TokenExpired(at=NOON + 90 * ONE_DAY)
REMINDED = ExpiryReminded(days_left=7, expires_at=NOON + 90 * ONE_DAY, at=WEEK_BEFORE)
REPORTED = LeakReported(source="github", at=NOON + ONE_DAY)
REVOKED = TokenRevoked(revoked_by="mem_amy", reason="laptop lost", at=NOON + ONE_DAY)
REVOKED_FOR_IT = TokenRevoked(revoked_by=LEAK_REPORT, reason=LEAKED, at=NOON + ONE_DAY)
ROTATED = TokenRotated(
    successor_id="tok2", rotated_by=OWNER, overlap_seconds=86_400, ends_at=NOON + 2 * ONE_DAY, at=NOON + ONE_DAY
)
OVER = OverlapEnded(successor_id="tok2", at=NOON + 2 * ONE_DAY)
SUSPENDED = TokenSuspended(suspended_by="mem_amy", reason="odd calls", at=NOON + ONE_DAY)
SUCCESSOR = replay_token([token_created(token_id="tok2", predecessor_id="tok1", at=NOON + ONE_DAY)])
NEVER_USED = Succession(living=SUCCESSOR, used=False)
IN_USE = Succession(living=SUCCESSOR, used=True)
NONE_LEFT = Succession(living=None, used=True)
SHUT_OUT = AccessSuspended(reason="unpaid", at=NOON + ONE_DAY)

LIVES: dict[str, tuple[TokenEvent, ...]] = {
    "token.expiry_reminded": (REMINDED,),
    "token.expired": (EXPIRED,),
    "token.overlap_ended": (ROTATED, OVER),
    "token.abandonment_flagged": (FLAGGED,),
    "token.suspended": (SUSPENDED,),
    "token.revoked": (REVOKED,),
    "token.leak_reported": (REPORTED, REVOKED_FOR_IT),
    "grant.approved": (APPROVED,),
}
"""What happened to a token whose notice is of this event."""
OF_GRANTS = ("grant.approved", "token.suspended", "token.revoked", "token.leak_reported")
"""What is told of what an app was granted."""
OF_TOKENS = tuple(type_ for type_ in LIVES if type_ != "grant.approved")
SUCCESSIONS = {"token.overlap_ended": (NEVER_USED, NONE_LEFT)}
"""What has become of the successors, where that makes another notice."""
UNTOLD: tuple[TokenEvent, ...] = (
    token_created(),
    TokenRenamed(name="Another", renamed_by=OWNER, at=NOON),
    ROTATED,
    RotationAdopted(predecessor_id="tok0", first_used_at=NOON, at=NOON),
    TokenResumed(resumed_by="mem_amy", reason="fine", at=NOON),
    AbandonmentCleared(used_at=NOON, at=NOON),
    GrantRefreshed(generation=2, access_expires_at=NOON + ONE_DAY, expires_at=NOON + 30 * ONE_DAY, at=NOON),
)


def told(
    event: TokenEvent,
    *since: TokenEvent,
    before: Sequence[TokenEvent] = (),
    kind: TokenKind = TokenKind.PERSONAL,
    succession: Succession = NEVER_USED,
    people: Sequence[WorkspaceEvent] = (),
    **fields: Any,  # noqa: ANN401 - any field of the token
) -> Notice | None:
    """Ask for the notice of an event, when the token's life has gone on with others since."""
    is_grant = kind is TokenKind.GRANT
    created = replace(APPROVED, **fields) if is_grant else token_created(kind=kind, owner_id=OWNER, **fields)
    token = replay_token([created, *before, event, *since])
    workspace = replay_workspace([*WORKSPACE, *people])
    assert token is not None
    assert workspace is not None
    return token_notice(event, token=token, succession=succession, workspace=workspace, places=PLACES)


def of(type_: str, kind: TokenKind = TokenKind.PERSONAL, succession: Succession = NEVER_USED) -> Notice | None:
    life = LIVES[type_]
    place = next(place for place, event in enumerate(life) if event.type == type_)
    return told(life[place], *life[place + 1 :], before=life[:place], kind=kind, succession=succession)


def shut_out(*since: WorkspaceEvent, event: WorkspaceEvent = SHUT_OUT) -> Notice | None:
    workspace = replay_workspace([*WORKSPACE, event, *since])
    assert workspace is not None
    return workspace_notice(event, workspace=workspace, places=PLACES)


def altered(event: TamperFound = FOUND) -> Notice | None:
    workspace = replay_workspace(WORKSPACE)
    assert workspace is not None
    return workspace_notice(event, workspace=workspace, places=PLACES)


def text_of(notice: Notice | None) -> str:
    assert notice is not None
    return "\n".join((notice.subject, *notice.lines))


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


# --- in which words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        *((type_, kind) for type_ in OF_TOKENS for kind in TokenKind if kind is not TokenKind.GRANT),
        *((type_, TokenKind.GRANT) for type_ in OF_GRANTS),
    ],
)
def test_a_notice_says_which_token_since_when_and_what_to_do(type_: str, kind: TokenKind) -> None:
    text = text_of(of(type_, kind))
    prefix = "mfa_1abcdefg" if kind is TokenKind.GRANT else "mfp_1abcdefg"

    for fact in ('"Weekly sync"', prefix, "tok1", '"Tea & Sons" (ws1)', "UTC", "https://docs.test/notices"):
        assert fact in text
    assert re.search(r"https://api\.test/v1/(tokens|audit)|connect the app again, from the app itself", text)
    assert "@" not in text
    assert all(len(line) <= 500 for line in text.splitlines())


def test_a_notice_of_a_workspace_says_which_since_when_and_what_to_do() -> None:
    text = text_of(shut_out())

    for fact in ('"Tea & Sons" (ws1)', "2026-11-22 12:00 UTC", '"unpaid"', "merchant-mcp workspace grant ws1"):
        assert fact in text


@pytest.mark.parametrize("tampering", Tampering)
def test_a_notice_of_an_altered_trail_says_which_row_since_when_and_what_to_do(tampering: Tampering) -> None:
    notice = altered(replace(FOUND, tampering=tampering))

    assert notice is not None
    assert notice.to == MANAGERS
    text = text_of(notice)
    for fact in ('"Tea & Sons" (ws1)', f"was {tampering} at 2026-11-21 12:00 UTC", FOUND.row):
        assert fact in text
    assert "GET https://api.test/v1/audit/events?type=audit.tamper_found" in text
    assert "merchant-mcp audit export -w ws1" in text


def test_a_key_that_somebody_made_up_makes_no_line_of_its_own() -> None:
    assert "\nBcc" not in text_of(altered(replace(FOUND, row="W#ws1#2026-11-21 1\r\nBcc: all@shop.example")))


def test_what_others_have_written_makes_no_line_of_its_own_and_no_header() -> None:
    name = "CI\r\nBcc: all@shop.example\n\u202e\x00"
    notice = told(replace(REVOKED, reason=f"{name} because"), name=name)

    assert notice is not None
    assert notice.subject == 'Token "CI Bcc: all@shop.example" was revoked'
    assert not any(line.startswith("Bcc") for line in notice.lines)
    assert all(line.isprintable() for line in notice.lines)


def test_a_whole_token_that_somebody_wrote_down_is_not_passed_on() -> None:
    secret = f"mfp_1{'a' * 70}"
    notice = shut_out(event=replace(SHUT_OUT, reason=f"published {secret} in a forum"))

    assert not WHOLE_TOKEN.search(text_of(notice))
    assert "aaaa" not in text_of(notice)
    assert "published (a token) in a forum" in text_of(notice)


def test_a_long_text_is_cut() -> None:
    notice = shut_out(event=replace(SHUT_OUT, reason="unpaid " * 1_000))

    assert max(map(len, text_of(notice).splitlines())) < 400


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=60), "60 days"),
        (timedelta(days=7) - timedelta(minutes=2), "7 days"),
        (timedelta(days=3.2), "3 days"),
        (timedelta(days=1, hours=12), "2 days"),
        (timedelta(days=1, hours=11, minutes=59), "one day"),
        (timedelta(hours=12), "one day"),
        (timedelta(hours=11, minutes=59), "less than a day"),
        (timedelta(minutes=1), "less than a day"),
    ],
)
def test_days_are_counted_as_people_count_them_from_when_the_reminder_was_recorded(left: timedelta, words: str) -> None:
    notice = told(replace(REMINDED, at=REMINDED.expires_at - left))

    assert notice is not None
    assert notice.subject == f'Token "Weekly sync" expires in {words}'


def test_the_moment_of_the_end_is_told_and_not_that_of_its_discovery() -> None:
    late = TokenExpired(at=NOON + 90 * ONE_DAY + timedelta(minutes=59))

    assert f"{NOON + 90 * ONE_DAY:%Y-%m-%d %H:%M} UTC" in text_of(told(late))
    assert "12:59" not in text_of(told(late))


# --- the page ---------------------------------------------------------------------------------------------------------


def name_of(people: frozenset[str]) -> str:
    names = {
        frozenset({OWNER}): "its owner",
        MANAGERS: "owners and admins",
        MANAGERS - {"mem_amy"}: "owners and admins, but for whoever did it",
    }
    return names[people]


def row_of(type_: str, succession: Succession = NEVER_USED) -> str:
    personal, organization = (of(type_, kind, succession) for kind in (TokenKind.PERSONAL, TokenKind.ORGANIZATION))
    assert personal is not None
    assert organization is not None
    return f"| `{type_}` | {personal.subject} | {name_of(personal.to)} | {name_of(organization.to)} |"


def test_the_page_has_a_row_for_each_notice_and_no_others() -> None:
    page = PAGE.read_text(encoding="utf-8")
    of_workspaces = {SHUT_OUT.type: shut_out(), FOUND.type: altered()}
    expected = [
        "| event | subject | of a personal token to | of an organization token to |",
        "| --- | --- | --- | --- |",
        *(row_of(type_, succession) for type_ in OF_TOKENS for succession in SUCCESSIONS.get(type_, (NEVER_USED,))),
        *(
            f"| `{type_}` | {notice.subject} | {name_of(notice.to)} | {name_of(notice.to)} |"
            for type_, notice in of_workspaces.items()
            if notice is not None
        ),
        "| event | subject | of what an app was granted to |",
        "| --- | --- | --- |",
        *(
            f"| `{type_}` | {notice.subject} | {name_of(notice.to)} |"
            for type_, notice in ((type_, of(type_, TokenKind.GRANT)) for type_ in OF_GRANTS)
            if notice is not None
        ),
    ]

    assert [line for line in page.splitlines() if line.startswith("|")] == expected


def test_the_example_of_the_page_is_a_notice() -> None:
    page = PAGE.read_text(encoding="utf-8")
    notice = of("token.expiry_reminded")
    assert notice is not None
    (example,) = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    assert example == f"Subject: {notice.subject}\n\n" + "\n".join(notice.lines) + "\n"
