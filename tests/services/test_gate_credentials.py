"""The gate and what a container knows: whose credential it is, what it remembers, what it does without the store."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.workspace.commands import (
    GrantAccess,
    SuspendAccess,
)
from shared.services.credentials.secret_hash import hash_secret
from shared.services.credentials.token_format import new_token
from shared.services.gate import Gate
from shared.services.refusals import Reason, Refusal
from shared.storage.contracts.streams import StoreUnavailable
from tests.data.tenants import KEYS, NOON, token, workspace
from tests.services.place import Place, let_in, reasons, refused, send, settle

A_MINUTE = timedelta(minutes=1)


# --- who it is --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bearer", "reason"),
    [
        (None, Reason.CREDENTIAL_MISSING),
        ("", Reason.TOKEN_MALFORMED),
        ("nonsense", Reason.TOKEN_MALFORMED),
        ("mfp_" + "0" * 71, Reason.TOKEN_MALFORMED),
        ("eyJhbGciOiJFUzI1NiJ9.e30.c2ln", Reason.TOKEN_MALFORMED),
    ],
)
def test_garbage_costs_no_look_into_the_store(place: Place, gate: Gate, bearer: str | None, reason: Reason) -> None:
    before = place.engine.operations.copy()

    assert reasons(send(gate, bearer) for _ in range(50)) == [reason] * 50

    assert place.spent(before) == {}
    assert place.refused == [reason] * 50


@pytest.mark.parametrize("around", ["\x0b", "\x1f", "\x85", "\u00a0", "\u2003"])
def test_no_space_but_that_of_http_may_stand_around_a_token(place: Place, gate: Gate, around: str) -> None:
    made = token(place.stores)

    let_in(send(gate, f" {made.text}\t "))
    assert refused(send(gate, around + made.text)) is Reason.TOKEN_MALFORMED
    assert refused(send(gate, made.text + around)) is Reason.TOKEN_MALFORMED


def test_the_slow_hash_runs_once_for_a_token_in_a_container(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    before = place.engine.operations.copy()

    let_in(send(gate, made.text))
    assert place.spent(before) == {"get": 1, "update": 1}  # the row with the digest is read where argon2 runs

    before = place.engine.operations.copy()
    for _ in range(20):
        let_in(send(gate, made.text))
    assert place.spent(before) == {"update": 20}


def test_right_check_digits_with_a_wrong_secret_are_no_token(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    let_in(send(gate, made.text))
    with_our_keys = new_token(made.token.kind, made.token.token_id, KEYS).text
    of_no_token = new_token(made.token.kind, "0" * 16, KEYS).text

    assert refused(send(gate, with_our_keys)) is Reason.TOKEN_UNKNOWN
    assert refused(send(gate, of_no_token)) is Reason.TOKEN_UNKNOWN
    let_in(send(gate, made.text))


def test_that_a_token_is_revoked_is_said_only_to_who_holds_it(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.revoke(made)

    guessed = new_token(made.token.kind, made.token.token_id, KEYS).text

    assert refused(send(gate, guessed)) is Reason.TOKEN_UNKNOWN
    assert refused(send(gate, made.text)) is Reason.TOKEN_REVOKED
    assert refused(send(gate, guessed)) is Reason.TOKEN_UNKNOWN


ALL_SCOPES = ["mcp:ads:read", "mcp:customers:read", "mcp:pnl:read"]


@pytest.mark.parametrize(
    "forged",
    [
        {"scopes": ALL_SCOPES},
        {"workspace_id": "wks_2"},
        {"owner_id": "mem_adam"},
        {"expires_at": "2099-01-01T00:00:00.000000Z"},
        {"plan": "alpha"},
        {"terms_version": 99},
        {"kind": "organization"},
        {"seal": "0" * 64},
        {"digest": "no digest at all"},
        {"digest": hash_secret("another secret")},
    ],
    ids=lambda forged: next(iter(forged)),
)
@pytest.mark.parametrize("known", [True, False], ids=["known", "fresh"])
@pytest.mark.parametrize("method", ["tools/call", "tools/list"])
def test_a_row_that_was_not_written_by_us_lets_nobody_in(
    place: Place,
    gate: Gate,
    forged: dict[str, Any],
    known: bool,  # noqa: FBT001 - a column of the table
    method: str,
) -> None:
    made = token(place.stores)
    if known:
        let_in(send(gate, made.text))
    stored = place.stores.tokens.get(made.token.token_id)
    place.forge(made, **forged)
    assert place.stores.tokens.get(made.token.token_id) != stored  # the attribute is really one of the row

    assert refused(send(gate, made.text, method=method)) is Reason.TOKEN_UNKNOWN
    assert place.trail("mcp.call_denied") == []  # a forged row names no workspace whose trail could be trusted with it


def test_a_revoked_token_cannot_be_brought_back_by_writing_to_the_table(place: Place) -> None:
    workspace(place.stores)
    made = token(place.stores)
    place.revoke(made)

    place.forge(made, status="active")

    assert refused(send(place.container(), made.text)) is Reason.TOKEN_UNKNOWN


# --- what a container remembers ---------------------------------------------------------------------------------------


def test_a_flood_of_a_dead_token_costs_only_what_the_trail_keeps_of_it(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    let_in(send(gate, made.text))
    place.revoke(made)
    before = place.engine.operations.copy()

    assert set(reasons(send(gate, made.text) for _ in range(1000))) == {Reason.TOKEN_REVOKED}

    spent = place.spent(before)
    counts = sorted(int(str(entry.data["count"])) for entry in place.trail("mcp.call_denied"))
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 40, 80, 160, 320, 640]
    assert spent == {"update": 1, "put": len(counts)}


def test_refusals_of_each_minute_and_each_reason_are_counted_anew(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    for _ in range(15):
        send(gate, new_token(made.token.kind, made.token.token_id, KEYS).text)
    place.order(SuspendAccess(reason="unpaid", at=NOON))
    for _ in range(15):
        send(gate, made.text)
    place.revoke(made)
    for at in (NOON, NOON + A_MINUTE):
        for _ in range(12):
            send(gate, made.text, at=at)

    told = [(entry.data["reason"], entry.data["count"]) for entry in place.trail("mcp.call_denied")]
    ten = range(1, 11)
    assert told == [
        *[("organization_not_authorized", number) for number in ten],
        *[("token_revoked", number) for number in ten],
        *[("token_revoked", number) for number in ten],
    ]


def test_a_refusal_in_the_trail_says_whose_token_asked_for_what(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.revoke(made)

    send(gate, made.text, request_id="call-1")

    (entry,) = place.trail("mcp.call_denied")
    assert entry.stream == f"token:{made.token.token_id}"
    assert (entry.origin.actor, entry.origin.request_id, entry.origin.ip) == ("mem_olivia", "call-1", "192.0.2.7")
    assert entry.data["method"] == "tools/call"
    assert entry.data["tool"] == "get_pnl"


def test_a_full_window_is_remembered_until_it_has_room_and_no_longer(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    for _ in range(60):
        let_in(send(gate, made.text))
    first = send(gate, made.text)
    assert isinstance(first, Refusal)
    opens = NOON + timedelta(seconds=first.retry_after or 0)
    before = place.engine.operations.copy()

    told = [send(gate, made.text, at=NOON + timedelta(seconds=wait)) for wait in range(first.retry_after or 0)]

    assert set(reasons(told)) == {Reason.RATE_LIMITED}
    assert [answer.retry_after for answer in told if isinstance(answer, Refusal)] == list(
        range(first.retry_after or 0, 0, -1)
    )
    assert "update" not in place.spent(before)
    let_in(send(gate, made.text, at=opens))


def test_what_may_become_allowed_again_is_asked_each_time(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.order(SuspendAccess(reason="unpaid", at=NOON))
    for _ in range(3):
        assert refused(send(gate, made.text)) is Reason.ORGANIZATION_NOT_AUTHORIZED

    place.order(GrantAccess(at=NOON))

    let_in(send(gate, made.text))


# --- the store fails --------------------------------------------------------------------------------------------------


def down(_: int) -> None:
    raise StoreUnavailable("the table core-x7 does not answer")


def test_a_store_that_is_down_is_a_reason_to_wait(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.engine.meddle = down

    answer = send(gate, made.text)

    assert refused(answer) is Reason.STORE_UNAVAILABLE
    assert isinstance(answer, Refusal)
    assert answer.retry_after == 5
    assert "core-x7" not in json.dumps(dict(answer.details))
    place.engine.meddle = None
    let_in(send(gate, made.text))


def test_an_answer_whose_call_cannot_be_written_down_stays_inside(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    passed = let_in(send(gate, made.text))
    place.engine.meddle = down

    answer = settle(gate, passed)

    assert answer is not None
    assert (answer.reason, answer.retry_after, answer.limit) == (Reason.AUDIT_UNAVAILABLE, 5, passed.limit)
    assert place.refused == [Reason.AUDIT_UNAVAILABLE]
    place.engine.meddle = None
    assert settle(gate, passed) is None
    assert [entry.data["number"] for entry in place.trail("mcp.call")] == [1]


def test_a_call_that_is_written_down_twice_is_in_the_trail_once(place: Place, gate: Gate) -> None:
    passed = let_in(send(gate, token(place.stores).text))

    assert settle(gate, passed) is None
    assert settle(gate, passed) is None

    assert len(place.trail("mcp.call")) == 1


def test_a_trail_that_is_down_changes_no_refusal(place: Place, gate: Gate) -> None:
    made = token(place.stores)
    place.revoke(made)
    send(gate, made.text)  # remembered from here on
    place.engine.meddle = down

    assert refused(send(gate, made.text)) is Reason.TOKEN_REVOKED


def test_no_secret_is_logged(place: Place, gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = token(place.stores)
    guessed = new_token(made.token.kind, made.token.token_id, KEYS).text
    send(gate, made.text)
    send(gate, guessed)
    place.engine.meddle = down
    send(gate, made.text)
    settle(gate, let_in(send(place.container(), made.text, method="tools/list")))

    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert logged
    assert [text for text in (made.text, guessed) if text[21:] in logged] == []
