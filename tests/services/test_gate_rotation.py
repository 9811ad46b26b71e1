"""The gate and a token that was rotated, and requests that a token makes about itself."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from shared.domain.token.events import TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.commands import SetTokenPolicy
from shared.services.gate import Gate, Pass, Request
from shared.services.refusals import Reason, Refusal
from shared.services.sweep import sweep
from tests.data.tenants import A_DAY, KEYS, NOON, rotation, token, workspace
from tests.services.place import Place, let_in, reasons, refused, send

AN_HOUR = timedelta(hours=1)
_requests = count(1)


def ask_about_itself(gate: Gate, bearer: str | None, *, ip: str = "192.0.2.7") -> Pass | Refusal:
    request = Request(
        authorization=f"Bearer {bearer}" if bearer is not None else None,
        method="GET /v1/tokens/self",
        tool=None,
        is_call=False,
        counts=False,
        request_id=f"self-{next(_requests)}",
        ip=ip,
        user_agent="tests/1",
        now=NOON,
    )
    return gate.enter(request)


# --- rotated ------------------------------------------------------------------------------------------------------


def test_both_tokens_are_let_in_while_the_overlap_lasts(place: Place, gate: Gate) -> None:
    old = token(place.stores)
    let_in(send(gate, old.text))
    new = rotation(place.stores, old.token.token_id, overlap=3600)

    end = NOON + AN_HOUR
    let_in(send(gate, old.text, at=end - timedelta(milliseconds=1)))
    let_in(send(gate, new.text, at=end - timedelta(milliseconds=1)))
    answer = send(gate, old.text, at=end)

    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.details) == (Reason.TOKEN_ROTATED, {"rotated_at": "2026-11-21T13:00:00Z"})
    let_in(send(gate, new.text, at=end))


def test_without_an_overlap_the_very_next_request_is_refused_in_every_container(place: Place, gate: Gate) -> None:
    old = token(place.stores)
    fresh, warm = place.container(), gate
    let_in(send(warm, old.text))

    rotation(place.stores, old.token.token_id, overlap=0)

    for container in (warm, fresh):
        for method in ("tools/call", "tools/list"):
            assert refused(send(container, old.text, method=method)) is Reason.TOKEN_ROTATED


def test_when_the_overlap_ended_is_said_alike_before_and_after_the_sweep(place: Place, gate: Gate) -> None:
    old = token(place.stores)
    rotation(place.stores, old.token.token_id, overlap=3600)
    before = send(gate, old.text, at=NOON + 2 * AN_HOUR)

    sweep(
        now=NOON + A_DAY,
        request_id="sweep",
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
        evidence=place.stores.evidence,
    )
    after = send(place.container(), old.text, at=NOON + A_DAY)

    assert isinstance(before, Refusal)
    assert isinstance(after, Refusal)
    assert before.details == after.details == {"rotated_at": "2026-11-21T13:00:00Z"}


def test_a_rotated_token_that_floods_costs_no_store(place: Place, gate: Gate) -> None:
    old = token(place.stores)
    rotation(place.stores, old.token.token_id, overlap=0)
    refused(send(gate, old.text))
    before = place.engine.operations.copy()

    assert reasons(send(gate, old.text) for _ in range(9)) == [Reason.TOKEN_ROTATED] * 9

    assert set(place.spent(before)) == {"put"}  # what the trail keeps of it


# --- a token about itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("plan", "kind"), [("plus", TokenKind.PERSONAL), ("alpha", TokenKind.ORGANIZATION)])
def test_a_request_of_a_token_about_itself_counts_on_nothing(place: Place, plan: str, kind: TokenKind) -> None:
    workspace(place.stores, plan=plan)
    gate = place.container()
    made = token(place.stores, kind=kind)
    before = place.engine.operations.copy()

    for _ in range(100):
        passed = let_in(ask_about_itself(gate, made.text))
        assert (passed.limit, passed.number) == (None, 0)

    assert place.spent(before) == {"get": 100}


def test_a_token_whose_window_is_full_may_still_ask_about_itself(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    assert reasons(send(gate, made.text) for _ in range(61))[-1] is Reason.RATE_LIMITED

    let_in(ask_about_itself(gate, made.text))


def test_a_token_about_itself_is_refused_for_the_same_reasons_and_remembered(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.revoke(made)
    before = place.engine.operations.copy()

    answers = [ask_about_itself(gate, made.text) for _ in range(3)]

    assert reasons(answers) == [Reason.TOKEN_REVOKED] * 3
    assert place.spent(before)["get"] == 1
    assert [entry.data["method"] for entry in place.trail("mcp.call_denied")] == ["GET /v1/tokens/self"] * 3
    assert place.refused == [Reason.TOKEN_REVOKED] * 3


def test_a_token_asks_about_itself_from_where_it_may_call(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.order(
        SetTokenPolicy(policy=TokenPolicy(networks=("198.51.100.0/24",)), set_by="mem_olivia", at=NOON),
    )

    assert refused(ask_about_itself(gate, made.text)) is Reason.IP_DENIED
    let_in(ask_about_itself(gate, made.text, ip="198.51.100.9"))
