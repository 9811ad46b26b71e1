"""A new list of networks names whom it would shut out before it does: those that have lately called from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from shared.domain.activity import Outcome, ToolCalled
from shared.domain.errors import Conflict
from shared.domain.token.commands import SuspendToken
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import SetTokenPolicy
from shared.services.change_token import change_token
from shared.services.change_token_policy import Effect, PolicyPreview, change_token_policy, preview_policy
from shared.services.create_token import NewToken
from shared.services.gate import Gate
from shared.storage.contracts.streams import Origin
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin, token, workspace
from tests.services.place import Place

OFFICE = TokenPolicy(networks=("198.51.100.0/24",))
INSIDE, OUTSIDE = "198.51.100.9", "203.0.113.7"
YESTERDAY = NOON - A_DAY
_numbers = count(1)


@pytest.fixture
def shop(place: Place, gate: Gate) -> Place:
    """A store with one workspace on the plan `plus`, and no tokens."""
    del gate
    return place


def called(
    place: Place, made: NewToken, ip: str | None, *, at: datetime = YESTERDAY, workspace_id: str = "wks_1"
) -> None:
    number = next(_numbers)
    event = ToolCalled(
        token_id=made.token.token_id,
        number=number,
        tool="get_pnl",
        scope="mcp:pnl:read",
        arguments_hash="0" * 64,
        outcome=Outcome.OK,
        error_code=None,
        milliseconds=3,
        result_bytes=100,
        protocol_version="2026-07-28",
        client_name="tests",
        client_version="1",
        at=at,
    )
    by = Origin(actor=f"token:{made.token.token_id}", request_id=f"call-{number}", ip=ip)
    place.stores.audit.record(event, workspace_id=workspace_id, origin=by)


def preview(place: Place, policy: TokenPolicy) -> PolicyPreview:
    found = place.stores.workspaces.get("wks_1")
    assert found is not None
    return preview_policy(
        policy,
        workspace=found.workspace,
        member=member(place.stores),
        now=NOON,
        keys=KEYS,
        tokens=place.stores.tokens,
        audit=place.stores.audit,
    )


def change(place: Place, policy: TokenPolicy, confirmation: str | None = None) -> TokenPolicy:
    changed = change_token_policy(
        policy,
        confirmation=confirmation,
        workspace_id="wks_1",
        member=member(place.stores),
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
        audit=place.stores.audit,
    )
    return changed.token_policy


def hit(shown: PolicyPreview) -> list[tuple[str, Effect]]:
    return [(victim.row.token.token_id, victim.effect) for victim in shown.shown]


def test_a_preview_lists_who_has_called_from_outside_and_when_last(shop: Place) -> None:
    outside, inside, silent = (token(shop.stores, at=NOON - 9 * A_DAY) for _ in range(3))
    called(shop, outside, "192.0.2.1", at=NOON - 3 * A_DAY)
    called(shop, outside, OUTSIDE, at=YESTERDAY)
    called(shop, outside, INSIDE, at=NOON - timedelta(hours=1))
    called(shop, inside, INSIDE)
    before = shop.engine.changes().last()

    shown = preview(shop, OFFICE)

    assert (shown.count, hit(shown)) == (1, [(outside.token.token_id, Effect.SHUT_OUT)])
    assert shown.shown[0].why == "it called from 203.0.113.7 on 2026-11-20, which is in none of the networks"
    assert silent.token.token_id not in dict(hit(shown))
    assert shop.engine.changes().last() == before


def test_who_calls_from_outside_is_seen_before_they_are_shut_out_and_is_not_suspended(shop: Place) -> None:
    made = token(shop.stores, at=NOON - 9 * A_DAY)
    called(shop, made, OUTSIDE)

    with pytest.raises(Conflict) as refusal:
        change(shop, OFFICE)

    assert (refusal.value.code, refusal.value.message) == (
        "confirmation_required",
        "Tokens have lately called from outside these networks.",
    )
    assert change(shop, OFFICE, preview(shop, OFFICE).confirmation) == OFFICE
    row = shop.stores.tokens.get(made.token.token_id)
    assert row is not None
    assert row.token.status is Status.ACTIVE
    assert change(shop, OFFICE) == OFFICE  # a repeat


def test_calls_that_come_after_the_preview_are_no_reason_to_look_again(shop: Place) -> None:
    first, second = (token(shop.stores, at=NOON - 9 * A_DAY) for _ in range(2))
    called(shop, first, OUTSIDE)
    shown = preview(shop, OFFICE)
    called(shop, second, OUTSIDE, at=NOON)

    assert change(shop, OFFICE, shown.confirmation) == OFFICE


def test_the_suspended_are_listed_first_and_none_is_listed_twice(shop: Place) -> None:
    both = token(shop.stores, days=90, at=NOON - 9 * A_DAY)
    outside = token(shop.stores, days=30, at=NOON - 8 * A_DAY)
    for made in (both, outside):
        called(shop, made, OUTSIDE)

    shown = preview(shop, replace(OFFICE, longest_days=30))

    assert shown.count == 2
    assert hit(shown) == [(both.token.token_id, Effect.SUSPENDED), (outside.token.token_id, Effect.SHUT_OUT)]
    assert shown.shown[0].why == "the workspace allows its tokens 30 days at most"


def test_a_call_from_an_unknown_address_comes_from_no_network(shop: Place) -> None:
    made = token(shop.stores, at=NOON - 9 * A_DAY)
    called(shop, made, None)

    (victim,) = preview(shop, OFFICE).shown

    assert victim.why == "it called from an unknown address on 2026-11-20, which is in none of the networks"


def _in_another_workspace(shop: Place, made: NewToken) -> None:
    workspace(shop.stores, "wks_2")
    called(shop, made, OUTSIDE, workspace_id="wks_2")


def _ended(shop: Place, made: NewToken) -> None:
    called(shop, made, OUTSIDE)
    shop.revoke(made)


def _suspended(shop: Place, made: NewToken) -> None:
    called(shop, made, OUTSIDE)
    command = SuspendToken(suspended_by="mem_olivia", reason="odd", at=NOON)
    change_token(made.token.token_id, command, origin=origin(), keys=KEYS, tokens=shop.stores.tokens)


def _refused_already(shop: Place, made: NewToken) -> None:
    called(shop, made, OUTSIDE)
    narrower = TokenPolicy(networks=("198.51.100.0/28",))
    order(SetTokenPolicy(policy=narrower, set_by="mem_olivia", at=NOON), stores=shop.stores)


def _under_the_same_list(shop: Place, made: NewToken) -> None:
    called(shop, made, OUTSIDE)
    named = replace(OFFICE, name_pattern="ci-*")
    order(SetTokenPolicy(policy=named, set_by="mem_olivia", at=NOON), stores=shop.stores)


HAPPENED: dict[str, Callable[[Place, NewToken], None]] = {
    "it called from inside": lambda shop, made: called(shop, made, INSIDE),
    "the same, written as IPv6": lambda shop, made: called(shop, made, f"::ffff:{INSIDE}"),
    "it called long ago": lambda shop, made: called(shop, made, OUTSIDE, at=NOON - 31 * A_DAY),
    "another workspace says so": _in_another_workspace,
    "it has ended": _ended,
    "it is suspended": _suspended,
    "the list that stands is narrower": _refused_already,
    "the list stands already": _under_the_same_list,
}


@pytest.mark.parametrize("happened", HAPPENED)
def test_where_nobody_new_is_shut_out_nothing_needs_to_be_confirmed(shop: Place, happened: str) -> None:
    made = token(shop.stores, days=90, at=NOON - 40 * A_DAY)
    HAPPENED[happened](shop, made)

    assert preview(shop, OFFICE).count == 0
    assert change(shop, OFFICE) == OFFICE


def test_no_list_shuts_nobody_out(shop: Place) -> None:
    change(shop, OFFICE)
    called(shop, token(shop.stores), OUTSIDE)

    assert change(shop, TokenPolicy()) == TokenPolicy()


def test_of_a_busy_workspace_the_newest_calls_are_looked_at(shop: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.services.calls_from_outside.CALLS_A_PAGE", 1)
    made = [token(shop.stores, at=NOON - 9 * A_DAY) for _ in range(4)]
    for days, each in enumerate(made, start=1):
        called(shop, each, OUTSIDE, at=NOON - days * A_DAY)

    assert {token_id for token_id, _ in hit(preview(shop, OFFICE))} == {each.token.token_id for each in made[:3]}
