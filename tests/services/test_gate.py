"""The way of a request: who may come in, how often, and what is known of it afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.token.commands import RenameToken
from shared.domain.token.policy import ANYTHING
from shared.domain.workspace.commands import (
    ChangeMemberRole,
    ChangePlan,
    GrantAccess,
    RemoveMember,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.gate import Gate
from shared.services.refusals import Reason, Refusal
from shared.services.sweep import sweep
from tests.data.tenants import A_DAY, KEYS, NOON, origin, token, workspace
from tests.services.place import Place, let_in, reasons, refused, send

# --- plans and limits -------------------------------------------------------------------------------------------------


def test_plus_lets_60_calls_a_minute_through_for_each_token(place: Place, gate: Gate) -> None:
    first, second = token(place.stores), token(place.stores)

    answers = [send(gate, first.text) for _ in range(61)]

    assert reasons(answers) == [None] * 60 + [Reason.RATE_LIMITED]
    assert isinstance(answers[60], Refusal)
    assert 1 <= (answers[60].retry_after or 0) <= 66
    let_in(send(gate, second.text))  # a limit of its own


def test_plus_counts_calls_and_nothing_else(place: Place, gate: Gate) -> None:
    made = token(place.stores)

    for _ in range(100):
        passed = let_in(send(gate, made.text, method="tools/list"))
        assert (passed.number, passed.limit) == (0, None)
    assert let_in(send(gate, made.text)).number == 1


def test_a_full_window_still_shows_the_tools(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    for _ in range(61):
        send(gate, made.text)

    let_in(send(gate, made.text, method="tools/list"))


def test_alpha_lets_30_requests_a_minute_through_for_the_whole_workspace(place: Place) -> None:
    workspace(place.stores, plan="alpha")
    gate, other = place.container(), place.container()
    first, second = token(place.stores), token(place.stores, owner="adam")

    answers = [
        send(each, made.text, method=method)
        for _ in range(5)
        for each in (gate, other)
        for made in (first, second)
        for method in ("tools/list", "tools/call")
    ]

    assert reasons(answers) == [None] * 30 + [Reason.RATE_LIMITED] * 10


def test_calls_are_numbered_without_a_gap_whatever_is_asked_in_between(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    other = place.container()
    methods = ["tools/call", "tools/list", "tools/call", "ping", "tools/call"]

    numbers = [let_in(send(each, made.text, method=method)).number for method in methods for each in (gate, other)]

    assert [number for number in numbers if number] == [1, 2, 3, 4, 5, 6]


def test_a_write_that_is_repeated_by_its_own_client_counts_once(place: Place, gate: Gate) -> None:
    made = token(place.stores)

    first, again = (let_in(send(gate, made.text, request_id="the same")) for _ in range(2))

    assert (first.number, again.number) == (1, 1)
    assert again.limit == first.limit


@pytest.mark.parametrize(
    ("plan", "granted", "reason"),
    [
        ("starter", True, Reason.PLAN_REQUIRED),
        ("alpha", False, Reason.ORGANIZATION_NOT_AUTHORIZED),
    ],
)
def test_a_workspace_that_loses_mcp_has_its_tokens_refused_from_then_on(
    place: Place,
    plan: str,
    granted: bool,  # noqa: FBT001 - a column of the table
    reason: Reason,
) -> None:
    workspace(place.stores, plan="plus", granted=granted)
    made = token(place.stores)
    known, fresh = place.container(), place.container()
    let_in(send(known, made.text))

    place.order(ChangePlan(plan=plan, at=NOON))

    for gate in (known, fresh):
        for method in ("tools/call", "tools/list"):
            assert refused(send(gate, made.text, method=method)) is reason


def test_what_a_workspace_gets_back_its_tokens_have_at_once(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.order(SuspendAccess(reason="unpaid", at=NOON))
    assert refused(send(gate, made.text)) is Reason.ORGANIZATION_NOT_AUTHORIZED
    place.order(GrantAccess(at=NOON))
    let_in(send(gate, made.text))
    place.order(ChangePlan(plan="starter", at=NOON))
    assert refused(send(gate, made.text)) is Reason.PLAN_REQUIRED
    place.order(ChangePlan(plan="plus", at=NOON))
    let_in(send(gate, made.text))


def test_a_change_of_plan_between_two_calls_leaves_no_number_without_its_call(place: Place) -> None:
    workspace(place.stores, plan="plus")
    made = token(place.stores)
    gate = place.container()
    calls: list[tuple[str, int]] = []

    for plan in ("plus", "alpha", "plus", "alpha", "plus"):
        place.order(ChangePlan(plan=plan, at=NOON))
        for _ in range(2):
            passed = let_in(send(gate, made.text))
            calls.append((passed.plan.key, passed.number))

    # Each plan counts on a subject of its own: the numbers of each have no gap.
    assert [number for plan, number in calls if plan == "plus"] == [1, 2, 3, 4, 5, 6]
    assert [number for plan, number in calls if plan == "alpha"] == [1, 2, 3, 4]


# --- the end of a token -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["tools/call", "tools/list", "initialize", "ping"])
def test_a_revoked_token_is_refused_by_the_very_next_request(place: Place, gate: Gate, method: str) -> None:
    made = token(place.stores)
    let_in(send(gate, made.text))
    let_in(send(gate, made.text, method=method))

    place.revoke(made)

    for each in (gate, place.container()):
        answer = send(each, made.text, method=method)
        assert refused(answer) is Reason.TOKEN_REVOKED
        assert isinstance(answer, Refusal)
        assert answer.details == {"revoked_at": "2026-11-21T12:00:00Z"}


@pytest.mark.parametrize(
    "command",
    [
        RemoveMember(member_id="mem_adam", at=NOON),
        ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON),
    ],
    ids=["removed", "demoted"],
)
def test_the_tokens_of_who_left_or_was_demoted_are_refused_at_once(
    place: Place, gate: Gate, command: WorkspaceCommand
) -> None:
    theirs, others = token(place.stores, owner="adam"), token(place.stores, owner="olivia")
    let_in(send(gate, theirs.text))

    place.order(command)

    assert refused(send(gate, theirs.text)) is Reason.TOKEN_REVOKED
    let_in(send(gate, others.text))


@pytest.mark.parametrize("swept", [False, True])
def test_a_token_ends_at_its_moment_whether_or_not_it_was_swept(place: Place, gate: Gate, swept: bool) -> None:  # noqa: FBT001 - a row of the table
    made = token(place.stores, days=30)
    end = NOON + 30 * A_DAY

    let_in(send(gate, made.text, at=end - timedelta(microseconds=1)))
    if swept:
        sweep(
            now=end,
            request_id="sweep-1",
            keys=KEYS,
            tokens=place.stores.tokens,
            workspaces=place.stores.workspaces,
            evidence=place.stores.evidence,
        )

    for method in ("tools/call", "tools/list"):
        answer = send(gate, made.text, at=end, method=method)
        assert refused(answer) is Reason.TOKEN_EXPIRED
        assert isinstance(answer, Refusal)
        assert answer.details == {"expired_at": "2026-12-21T12:00:00Z"}


def test_a_rename_changes_nothing_for_the_bearer(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    let_in(send(gate, made.text))

    command = RenameToken(name="another", renamed_by="mem_olivia", policy=ANYTHING, at=NOON)
    change_token(made.token.token_id, command, origin=origin(), keys=KEYS, tokens=place.stores.tokens)

    assert let_in(send(gate, made.text)).number == 2
