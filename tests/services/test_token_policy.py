"""The token policy of a workspace: seen before it bites, and kept by every token."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.errors import Conflict, Invalid, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.commands import ResumeToken, SuspendToken
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangeMemberRole
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.change_token_policy import PolicyPreview, change_token_policy, preview_policy
from shared.services.gate import Gate
from shared.services.signed import LIFETIME
from tests.data.engines import Killed, die_before
from tests.data.tenants import KEYS, NOON, member, order, origin, rotation, token, workspace
from tests.services.place import Place

SHORT = TokenPolicy(longest_days=30)
OFFICE = TokenPolicy(networks=("198.51.100.0/24", "2001:db8::/48"))


@pytest.fixture
def shop(place: Place, gate: Gate) -> Place:
    """A store with one workspace on the plan `plus`, and no tokens."""
    del gate
    return place


def preview(
    place: Place, policy: TokenPolicy, *, by: str = "olivia", workspace_id: str = "wks_1", at: datetime = NOON
) -> PolicyPreview:
    found = place.stores.workspaces.get(workspace_id)
    assert found is not None
    return preview_policy(
        policy,
        workspace=found.workspace,
        member=member(place.stores, by, workspace_id),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
        audit=place.stores.audit,
    )


def change(
    place: Place,
    policy: TokenPolicy,
    confirmation: str | None = None,
    *,
    by: str = "olivia",
    workspace_id: str = "wks_1",
    at: datetime = NOON,
) -> TokenPolicy:
    changed = change_token_policy(
        policy,
        confirmation=confirmation,
        workspace_id=workspace_id,
        member=member(place.stores, by, workspace_id),
        origin=origin(f"mem_{by}"),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
        audit=place.stores.audit,
    )
    return changed.token_policy


def status(place: Place, token_id: str) -> Status:
    row = place.stores.tokens.get(token_id)
    assert row is not None
    return row.token.status


# --- what a change does -------------------------------------------------------------------------------------------


def test_a_preview_lists_the_victims_and_why_and_changes_nothing(shop: Place) -> None:
    long = token(shop.stores, days=90).token
    wide = token(shop.stores, scopes=(Scope.PNL, Scope.ADS)).token
    token(shop.stores)
    before = shop.engine.changes().last()

    shown = preview(shop, TokenPolicy(longest_days=30, scopes=frozenset({Scope.PNL})))

    assert shown.count == 2
    assert {victim.row.token.token_id: victim.why for victim in shown.shown} == {
        long.token_id: "the workspace allows its tokens 30 days at most",
        wide.token_id: "the workspace no longer allows mcp:ads:read",
    }
    assert shop.engine.changes().last() == before


def test_of_many_victims_the_newest_are_shown_and_all_are_counted(shop: Place) -> None:
    for _ in range(103):
        token(shop.stores, days=90)

    shown = preview(shop, SHORT)

    assert (shown.count, len(shown.shown)) == (103, 100)


def test_a_policy_with_victims_is_set_by_whoever_has_seen_them(shop: Place) -> None:
    victim, other = token(shop.stores, days=90).token.token_id, token(shop.stores).token.token_id

    with pytest.raises(Conflict) as refusal:
        change(shop, SHORT)
    assert refusal.value.code == "confirmation_required"
    assert status(shop, victim) is Status.ACTIVE

    assert change(shop, SHORT, preview(shop, SHORT).confirmation) == SHORT
    assert (status(shop, victim), status(shop, other)) == (Status.SUSPENDED, Status.ACTIVE)
    (entry,) = shop.trail("token.suspended")
    assert entry.data["suspended_by"] == "system:token_policy"
    assert entry.data["reason"] == "the workspace allows its tokens 30 days at most"


def test_a_policy_without_victims_needs_no_confirmation(shop: Place) -> None:
    token(shop.stores, days=30)

    assert change(shop, SHORT) == SHORT


def test_a_token_that_is_out_of_use_is_no_victim(shop: Place) -> None:
    revoked = token(shop.stores, days=90)
    shop.revoke(revoked)
    token(shop.stores, days=90, at=NOON - timedelta(days=90))  # over, though no sweep has said so

    assert preview(shop, SHORT).count == 0


def test_a_confirmation_is_for_one_policy_one_member_one_workspace_and_a_while(shop: Place) -> None:
    workspace(shop.stores, "wks_2", people={"olivia": Role.OWNER, "bo": Role.OWNER})
    order(ChangeMemberRole(member_id="mem_adam", role=Role.OWNER, at=NOON), stores=shop.stores)
    victim = token(shop.stores, days=90).token.token_id
    other = token(shop.stores, days=90, workspace_id="wks_2").token.token_id
    confirmation = preview(shop, SHORT).confirmation

    with pytest.raises(Conflict) as refusal:
        change(shop, replace(SHORT, longest_days=29), confirmation)
    assert refusal.value.code == "confirmation_required"
    for tried in (
        lambda: change(shop, SHORT, confirmation, by="adam"),
        lambda: change(shop, SHORT, confirmation, workspace_id="wks_2"),
        lambda: change(shop, SHORT, confirmation, at=NOON + LIFETIME),
        lambda: change(shop, SHORT, ("B" if confirmation[0] == "A" else "A") + confirmation[1:]),
        lambda: change(shop, SHORT, ""),
        lambda: change(shop, SHORT, "é"),
    ):
        with pytest.raises(Invalid) as invalid:
            tried()
        assert (invalid.value.code, invalid.value.field) == ("confirmation_invalid", "confirmation")

    assert (status(shop, victim), status(shop, other)) == (Status.ACTIVE, Status.ACTIVE)
    change(shop, SHORT, confirmation, at=NOON + LIFETIME - timedelta(seconds=1))
    assert status(shop, victim) is Status.SUSPENDED


def suspend(shop: Place, token_id: str) -> None:
    command = SuspendToken(suspended_by="mem_olivia", reason="odd", at=NOON)
    change_token(token_id, command, origin=origin(), keys=KEYS, tokens=shop.stores.tokens)


def resume(shop: Place, token_id: str) -> None:
    command = ResumeToken(resumed_by="mem_olivia", reason="fine", policy=ANYTHING, at=NOON)
    change_token(token_id, command, origin=origin(), keys=KEYS, tokens=shop.stores.tokens)


BETWEEN: dict[str, Callable[[Place, list[str]], object]] = {
    "another is made": lambda shop, _: token(shop.stores, days=90),
    "another is resumed": lambda shop, others: resume(shop, others[1]),
    "one is suspended, another made": lambda shop, others: (suspend(shop, others[0]), token(shop.stores, days=90)),
    "one is rotated": lambda shop, others: rotation(shop.stores, others[0]),
}


@pytest.mark.parametrize("what", BETWEEN)
def test_a_policy_that_would_suspend_other_tokens_than_were_shown_waits_for_another_look(
    shop: Place, what: str
) -> None:
    others = [token(shop.stores, days=90).token.token_id for _ in range(2)]
    suspend(shop, others[1])
    shown = preview(shop, SHORT)
    BETWEEN[what](shop, others)
    before = shop.engine.changes().last()

    with pytest.raises(Conflict) as refusal:
        change(shop, SHORT, shown.confirmation)

    assert refusal.value.code == "preview_outdated"
    assert shop.engine.changes().last() == before
    assert change(shop, SHORT, preview(shop, SHORT).confirmation) == SHORT


def test_what_is_made_between_a_preview_and_the_change_and_keeps_to_the_policy_is_no_reason_to_look_again(
    shop: Place,
) -> None:
    token(shop.stores, days=90)
    shown = preview(shop, SHORT)
    token(shop.stores, days=30)

    assert change(shop, SHORT, shown.confirmation) == SHORT


def test_a_change_that_died_half_way_is_finished_by_its_repeat(shop: Place) -> None:
    """Though by now other tokens would be suspended than were shown: those that still are to be."""
    victims = [token(shop.stores, days=90).token.token_id for _ in range(2)]
    shown = preview(shop, SHORT)
    shop.engine.meddle = die_before(write=3)  # the record, and what is written to the first token
    with suppress(Killed):
        change(shop, SHORT, shown.confirmation)
    shop.engine.meddle = None
    assert {status(shop, victim) for victim in victims} == {Status.ACTIVE, Status.SUSPENDED}

    assert change(shop, SHORT, shown.confirmation) == SHORT

    assert {status(shop, victim) for victim in victims} == {Status.SUSPENDED}
    assert len(shop.trail("workspace.token_policy_set")) == 1


def test_a_token_whose_making_the_policy_overtakes_is_judged_by_it(shop: Place) -> None:
    def set_first(number: int) -> None:
        if number == 0:
            change(shop, SHORT)

    shop.engine.meddle = set_first
    with pytest.raises(Invalid) as refusal:
        token(shop.stores, days=90)
    shop.engine.meddle = None

    assert refusal.value.code == "lifetime_not_allowed"
    assert shop.stores.tokens.of_workspace("wks_1", limit=9).items == ()


def test_a_token_that_is_made_while_the_policy_is_being_recorded_does_not_escape_it(shop: Place) -> None:
    made: list[str] = []

    def make_first(number: int) -> None:
        if number == 0:
            made.append(token(shop.stores, days=90).token.token_id)

    shop.engine.meddle = make_first
    change(shop, SHORT)
    shop.engine.meddle = None

    assert [status(shop, token_id) for token_id in made] == [Status.SUSPENDED]


def test_however_a_policy_is_written_its_confirmation_is_the_same(shop: Place) -> None:
    token(shop.stores, days=90)
    shown = preview(shop, replace(SHORT, networks=("2001:db8:0::/48", "198.51.100.0/24")))

    assert change(shop, replace(OFFICE, longest_days=30), shown.confirmation).networks == OFFICE.networks


def test_a_repeat_changes_nothing(shop: Place) -> None:
    token(shop.stores, days=90)
    confirmation = preview(shop, SHORT).confirmation
    change(shop, SHORT, confirmation)
    before = len(shop.trail("workspace.token_policy_set")), len(shop.trail("token.suspended"))

    assert change(shop, SHORT, confirmation) == SHORT
    assert change(shop, SHORT) == SHORT

    assert (len(shop.trail("workspace.token_policy_set")), len(shop.trail("token.suspended"))) == before == (1, 1)


@pytest.mark.parametrize("by", ["adam", "ana"])
def test_only_an_owner_looks_ahead_and_changes_it(shop: Place, by: str) -> None:
    for tried in (lambda: preview(shop, SHORT, by=by), lambda: change(shop, SHORT, by=by)):
        with pytest.raises(NotPermitted) as refusal:
            tried()
        assert refusal.value.code == "role_required"


def test_an_owner_who_is_demoted_at_that_moment_changes_nothing(shop: Place) -> None:
    order(ChangeMemberRole(member_id="mem_adam", role=Role.OWNER, at=NOON), stores=shop.stores)

    def demote_first(number: int) -> None:
        if number == 0:
            order(ChangeMemberRole(member_id="mem_olivia", role=Role.ADMIN, at=NOON), stores=shop.stores)

    shop.engine.meddle = demote_first
    with pytest.raises(NotPermitted):
        change(shop, SHORT)
    shop.engine.meddle = None

    found = shop.stores.workspaces.get("wks_1")
    assert found is not None
    assert found.workspace.token_policy == ANYTHING


@pytest.mark.parametrize(
    ("policy", "code", "field"),
    [
        (TokenPolicy(longest_days=7), "lifetime_not_allowed", "expires_in_days"),
        (TokenPolicy(scopes=frozenset({Scope.ADS})), "scope_not_allowed", "scopes"),
        (TokenPolicy(name_pattern="ci-*"), "name_not_allowed", "name"),
    ],
)
def test_a_new_token_outside_the_policy_is_refused_and_told_which_field(
    shop: Place, policy: TokenPolicy, code: str, field: str
) -> None:
    change(shop, policy)

    with pytest.raises(Invalid) as refusal:
        token(shop.stores)

    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_a_token_without_end_breaks_every_longest_life(place: Place) -> None:
    workspace(place.stores, plan="alpha")
    endless = token(place.stores, kind=TokenKind.ORGANIZATION, days=None, scopes=tuple(Scope)).token
    longest = TokenPolicy(longest_days=365)

    shown = preview(place, longest)
    change(place, longest, shown.confirmation)

    assert [victim.row.token.token_id for victim in shown.shown] == [endless.token_id]
    assert status(place, endless.token_id) is Status.SUSPENDED
