"""Suspending a token and letting it in again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from shared.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangeMemberRole, RemoveMember, SetTokenPolicy
from shared.domain.workspace.events import Role
from shared.services.gate import Gate
from shared.services.manage_tokens import resume_token, suspend_token
from shared.services.refusals import Reason, Refusal
from shared.services.sweep import sweep
from shared.storage.contracts.tokens import TokenRow
from tests.data.engines import Killed, die_before
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin, token, workspace
from tests.services.place import Place, let_in, refused, send

AN_HOUR = timedelta(hours=1)


class Change(Protocol):
    """`suspend` or `resume`."""

    def __call__(
        self, place: Place, token_id: str, *, reason: str = ..., by: str = ..., workspace_id: str = ...
    ) -> TokenRow: ...


def suspend(
    place: Place,
    token_id: str,
    *,
    reason: str = "odd calls",
    by: str = "olivia",
    workspace_id: str = "wks_1",
    at: datetime = NOON,
) -> TokenRow:
    return suspend_token(
        token_id,
        reason=reason,
        workspace_id=workspace_id,
        member=member(place.stores, by, workspace_id),
        origin=origin(f"mem_{by}"),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
    )


def resume(
    place: Place,
    token_id: str,
    *,
    reason: str = "looked into",
    by: str = "olivia",
    workspace_id: str = "wks_1",
    at: datetime = NOON,
) -> TokenRow:
    return resume_token(
        token_id,
        reason=reason,
        workspace_id=workspace_id,
        member=member(place.stores, by, workspace_id),
        origin=origin(f"mem_{by}"),
        now=at,
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
    )


def status(place: Place, token_id: str) -> Status:
    row = place.stores.tokens.get(token_id)
    assert row is not None
    return row.token.status


def policy(days: int | None) -> SetTokenPolicy:
    return SetTokenPolicy(policy=TokenPolicy(longest_days=days), set_by="mem_olivia", at=NOON)


@pytest.mark.parametrize("method", ["tools/call", "tools/list"])
def test_the_next_request_of_a_suspended_token_is_refused_in_every_container(
    place: Place, gate: Gate, method: str
) -> None:
    made = token(place.stores)
    let_in(send(gate, made.text))

    suspend(place, made.token.token_id)

    for container in (gate, place.container()):
        answer = send(container, made.text, method=method, at=NOON + AN_HOUR)
        assert isinstance(answer, Refusal)
        assert (answer.form.status, answer.reason) == (401, Reason.TOKEN_SUSPENDED)
        assert answer.details == {"suspended_at": "2026-11-21T12:00:00Z"}


def test_a_resumed_token_is_let_in_at_once_by_a_container_that_has_just_refused_it(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    suspend(place, made.token.token_id)
    for _ in range(5):
        refused(send(gate, made.text))

    resume(place, made.token.token_id)

    let_in(send(gate, made.text))
    let_in(send(place.container(), made.text))


def test_a_suspended_token_takes_no_place_in_the_window(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    suspend(place, made.token.token_id)

    for _ in range(100):
        refused(send(gate, made.text))
    resume(place, made.token.token_id)

    assert let_in(send(gate, made.text)).number == 1


def test_a_repeat_changes_nothing(place: Place, gate: Gate) -> None:
    del gate
    made = token(place.stores).token

    first = suspend(place, made.token_id)
    assert suspend(place, made.token_id, reason="again", by="adam", at=NOON + AN_HOUR).token == first.token
    resumed = resume(place, made.token_id, at=NOON + AN_HOUR)
    assert resume(place, made.token_id, reason="again", at=NOON + 2 * AN_HOUR).token == resumed.token

    assert [event.type for event in place.stores.tokens.history(made.token_id)] == [
        "token.created",
        "token.suspended",
        "token.resumed",
    ]
    (kept_out,) = place.trail("token.suspended")
    assert (kept_out.origin.actor, kept_out.data["reason"]) == ("mem_olivia", "odd calls")


@pytest.mark.parametrize("change", [suspend, resume])
@pytest.mark.parametrize("reason", ["", " \t", "x" * 201])
def test_a_reason_is_needed(place: Place, gate: Gate, change: Change, reason: str) -> None:
    del gate
    made = token(place.stores).token

    with pytest.raises(Invalid) as refusal:
        change(place, made.token_id, reason=reason)

    assert (refusal.value.code, refusal.value.field) == ("reason_invalid", "reason")


@pytest.mark.parametrize("change", [suspend, resume])
def test_a_token_that_has_ended_is_neither_suspended_nor_resumed(place: Place, gate: Gate, change: Change) -> None:
    del gate
    revoked, expired = token(place.stores), token(place.stores, days=30, at=NOON - 30 * A_DAY)
    place.revoke(revoked)

    for made in (revoked, expired):
        with pytest.raises(Conflict) as refusal:
            change(place, made.token.token_id)
        assert refusal.value.code == "token_ended"


@pytest.mark.parametrize("change", [suspend, resume])
def test_an_analyst_and_another_tenant_find_no_such_token(place: Place, gate: Gate, change: Change) -> None:
    del gate
    workspace(place.stores, "wks_2", people={"oscar": Role.OWNER})
    made = token(place.stores).token

    with pytest.raises(NotFound):
        change(place, made.token_id, by="ana")
    with pytest.raises(NotFound):
        change(place, made.token_id, by="oscar", workspace_id="wks_2")

    assert status(place, made.token_id) is Status.ACTIVE


def test_a_suspended_token_expires_on_time(place: Place, gate: Gate) -> None:
    made = token(place.stores, days=30)
    suspend(place, made.token.token_id)
    end = NOON + 30 * A_DAY

    assert refused(send(gate, made.text, at=end - timedelta(milliseconds=1))) is Reason.TOKEN_SUSPENDED
    assert refused(send(gate, made.text, at=end)) is Reason.TOKEN_EXPIRED
    sweep(
        now=end,
        request_id="sweep",
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
        evidence=place.stores.evidence,
    )

    assert status(place, made.token.token_id) is Status.EXPIRED
    with pytest.raises(Conflict):
        resume(place, made.token.token_id, at=end)


def test_a_suspended_token_can_be_revoked(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    suspend(place, made.token.token_id)

    place.revoke(made)

    assert refused(send(gate, made.text)) is Reason.TOKEN_REVOKED


@pytest.mark.parametrize("change", [suspend, resume])
def test_of_many_changes_at_once_one_is_recorded(place: Place, gate: Gate, change: Change) -> None:
    del gate
    made = token(place.stores).token
    if change is resume:
        suspend(place, made.token_id)

    with ThreadPoolExecutor(8) as containers:
        asked = [containers.submit(change, place, made.token_id, reason=f"reason {n}") for n in range(16)]
        rows = [one.result() for one in asked]

    (event,) = place.trail("token.suspended" if change is suspend else "token.resumed")
    assert str(event.data["reason"]).startswith("reason ")
    assert {row.token for row in rows} == {rows[0].token}
    assert rows[0].token.status is (Status.SUSPENDED if change is suspend else Status.ACTIVE)


def test_a_token_that_breaks_the_policy_stays_out_until_the_policy_changes(place: Place, gate: Gate) -> None:
    made = token(place.stores, days=30)
    suspend(place, made.token.token_id)
    place.order(policy(7))

    with pytest.raises(Conflict) as refusal:
        resume(place, made.token.token_id)
    assert refusal.value.code == "policy_broken"
    refused(send(gate, made.text))

    place.order(policy(None))
    resume(place, made.token.token_id)
    let_in(send(gate, made.text))


@pytest.mark.parametrize(
    "command",
    [RemoveMember(member_id="mem_adam", at=NOON), ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON)],
)
def test_a_token_of_somebody_who_may_have_none_any_more_is_not_resumed_before_it_is_revoked(
    place: Place, gate: Gate, command: RemoveMember | ChangeMemberRole
) -> None:
    """The change is recorded, and its process dies before it comes to the token."""
    made = token(place.stores, owner="adam", days=30)
    suspend(place, made.token.token_id)
    place.engine.meddle = die_before(write=1)
    with suppress(Killed):
        place.order(command)
    place.engine.meddle = None

    with pytest.raises(NotPermitted) as refusal:
        resume(place, made.token.token_id)

    assert refusal.value.code == "role_required"
    assert refused(send(gate, made.text)) is Reason.TOKEN_SUSPENDED


def test_a_policy_that_comes_just_before_the_token_is_resumed_keeps_it_out(place: Place, gate: Gate) -> None:
    """The member has seen no policy: the one that is recorded in between decides."""
    made = token(place.stores, days=30)
    suspend(place, made.token.token_id)

    def policy_first(number: int) -> None:
        if number == 0:
            order(policy(7), stores=place.stores)

    place.engine.meddle = policy_first
    with pytest.raises(Conflict):
        resume(place, made.token.token_id)
    place.engine.meddle = None

    assert refused(send(gate, made.text)) is Reason.TOKEN_SUSPENDED


@pytest.mark.parametrize("write", range(5))
def test_a_token_that_is_resumed_while_a_policy_is_applied_does_not_escape_it(
    place: Place, gate: Gate, write: int
) -> None:
    """At each write of the change of policy: before the record, the terms, and that it is done; and after all."""
    made = token(place.stores, days=30)
    suspend(place, made.token.token_id)
    refusals: list[str] = []

    def resume_first(number: int) -> None:
        if number == write:
            try:
                resume(place, made.token.token_id)
            except Conflict as refusal:
                refusals.append(refusal.code)

    place.engine.meddle = resume_first
    order(policy(7), stores=place.stores)
    place.engine.meddle = None

    # Before the record it is resumed, and suspended by the policy; after it nobody resumes it.
    resumed = write == 0
    assert refusals == ([] if resumed or write > 2 else ["policy_broken"])
    assert len(place.trail("token.suspended")) == (2 if resumed else 1)
    assert refused(send(gate, made.text)) is Reason.TOKEN_SUSPENDED
