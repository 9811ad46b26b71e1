"""The token policy of a workspace: seen before it bites, kept by every token, and by the networks calls come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from shared.domain.errors import Conflict, Invalid, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangeMemberRole, SetTokenPolicy
from shared.domain.workspace.events import Role
from shared.services.change_token_policy import PolicyPreview, change_token_policy, preview_policy
from shared.services.gate import Gate, Pass, Request
from shared.services.refusals import Reason, Refusal
from shared.services.signed import LIFETIME
from tests.data.tenants import KEYS, NOON, member, order, origin, token, workspace
from tests.services.place import Place, let_in, refused

SHORT = TokenPolicy(longest_days=30)
OFFICE = TokenPolicy(networks=("198.51.100.0/24", "2001:db8::/48"))
INSIDE, OUTSIDE = "198.51.100.9", "192.0.2.7"
_requests = count(1)


@pytest.fixture
def shop(place: Place, gate: Gate) -> Place:
    """A store with one workspace on the plan `plus`, and no tokens."""
    del gate
    return place


def preview(
    place: Place, policy: TokenPolicy, *, by: str = "olivia", workspace_id: str = "wks_1", at: datetime = NOON
) -> PolicyPreview:
    return preview_policy(
        policy,
        workspace_id=workspace_id,
        member=member(place.stores, by, workspace_id),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
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


# --- networks -----------------------------------------------------------------------------------------------------


def call(gate: Gate, bearer: str, *, ip: str | None, at: datetime = NOON) -> Pass | Refusal:
    request = Request(
        authorization=f"Bearer {bearer}",
        method="tools/call",
        tool="get_pnl",
        is_call=True,
        request_id=f"from-{next(_requests)}",
        ip=ip,
        user_agent="tests/1",
        now=at,
    )
    return gate.enter(request)


def set_networks(place: Place, *networks: str) -> None:
    order(SetTokenPolicy(policy=TokenPolicy(networks=networks), set_by="mem_olivia", at=NOON), stores=place.stores)


@pytest.mark.parametrize(
    ("ip", "inside"),
    [
        (INSIDE, True),
        ("198.51.101.0", False),
        ("::ffff:198.51.100.9", True),
        ("::ffff:192.0.2.7", False),
        ("2001:db8:0:1::5", True),
        ("2001:db8:1::5", False),
        ("not an address", False),
        (None, False),
    ],
)
def test_calls_come_from_the_networks_of_the_policy(shop: Place, ip: str | None, inside: bool) -> None:  # noqa: FBT001 - a column of the table
    made = token(shop.stores)
    set_networks(shop, *OFFICE.networks)

    answer = call(shop.container(), made.text, ip=ip)

    if inside:
        let_in(answer)
    else:
        assert isinstance(answer, Refusal)
        assert (answer.form.status, answer.reason) == (403, Reason.IP_DENIED)


@pytest.mark.parametrize("plan", ["plus", "alpha"])
def test_a_call_from_outside_takes_no_place_in_the_window(place: Place, plan: str) -> None:
    workspace(place.stores, plan=plan)
    set_networks(place, *OFFICE.networks)
    made = token(place.stores)

    for container in (place.container(), place.container()):  # each new, then known to it
        for _ in range(40):
            assert refused(call(container, made.text, ip=OUTSIDE)) is Reason.IP_DENIED

    row = place.stores.tokens.get(made.token.token_id)
    assert row is not None
    assert (row.calls, sum(row.window.ending.values()), row.last_used_at) == (0, 0, None)
    limit = let_in(call(place.container(), made.text, ip=INSIDE)).limit
    assert limit is not None
    assert limit.quota - limit.remaining == 1


def test_a_container_that_remembers_no_policy_obeys_the_new_one_at_once(shop: Place) -> None:
    made = token(shop.stores)
    warm = shop.container()
    let_in(call(warm, made.text, ip=OUTSIDE))

    set_networks(shop, *OFFICE.networks)

    for _ in range(10):
        assert refused(call(warm, made.text, ip=OUTSIDE)) is Reason.IP_DENIED
    limit = let_in(call(warm, made.text, ip=INSIDE)).limit
    assert limit is not None
    # Its first call, and this one; and one that was counted before the container had seen the row.
    assert limit.quota - limit.remaining == 3


def test_a_container_that_remembers_a_policy_forgets_it_with_the_first_call_after_it(shop: Place) -> None:
    made = token(shop.stores)
    set_networks(shop, *OFFICE.networks)
    warm = shop.container()
    assert refused(call(warm, made.text, ip=OUTSIDE)) is Reason.IP_DENIED

    set_networks(shop)

    assert let_in(call(warm, made.text, ip=OUTSIDE)).number == 1


def test_a_full_window_does_not_hide_that_a_network_is_shut_out(shop: Place) -> None:
    made = token(shop.stores)
    warm = shop.container()
    for _ in range(61):
        call(warm, made.text, ip=INSIDE)
    set_networks(shop, *OFFICE.networks)
    assert refused(call(warm, made.text, ip=INSIDE)) is Reason.RATE_LIMITED

    assert refused(call(shop.container(), made.text, ip=OUTSIDE)) is Reason.IP_DENIED
