"""The gate and what an app was granted: its access tokens are let in as every token is, each until its own end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.domain.workspace.commands import ChangeMemberRole
from shared.domain.workspace.events import Role
from shared.services.credentials.secret_hash import hash_secret
from shared.services.credentials.token_format import ACCESS_TAG, access_token, new_random_part
from shared.services.gate import Gate
from shared.services.grants.tokens import Tokens
from shared.services.refusals import Reason, Refusal
from shared.storage.contracts.audit import AuditFilter
from shared.storage.engine import Key, Table, Update, Value
from tests.data.tenants import KEYS, NOON, token, workspace
from tests.services.grants.connecting import RESOURCE, connect, refresh, revoke, row_of, texts_of
from tests.services.leaking import Hashing
from tests.services.place import Place, let_in, reasons, refused, send

SECOND = timedelta(seconds=1)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def gate(place: Place) -> Gate:
    """A container that takes access tokens, over one workspace on the plan `plus`."""
    workspace(place.stores)
    return container(place)


def container(place: Place, resource: str | None = RESOURCE) -> Gate:
    return replace(place.container(), resource=resource)


def forge(place: Place, made: Tokens, **attributes: Value) -> None:
    """Write to the table past our services."""
    key = Key(f"TOK#{made.grant_id}", "STATE")
    place.engine.write(Update(table=Table.CORE, key=key, set=attributes))


# --- what it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["tools/call", "tools/list"])
@pytest.mark.parametrize("plan", ["plus", "alpha"])
def test_a_request_of_an_app_costs_exactly_what_one_of_a_token_costs(place: Place, plan: str, method: str) -> None:
    workspace(place.stores, plan=plan)
    static, made, gate = token(place.stores), connect(place.stores), container(place)
    spent: list[dict[str, int]] = []
    for text in (static.text, made.access):
        let_in(send(gate, text, method=method))  # the container meets it
        before = place.engine.operations.copy()
        let_in(send(gate, text, method=method))
        spent.append(place.spent(before))

    assert spent[0] == spent[1]
    if (plan, method) == ("plus", "tools/call"):
        assert spent[1] == {"update": 1}


def test_the_slow_hash_runs_once_for_each_access_token_in_a_container(place: Place, gate: Gate) -> None:
    first = connect(place.stores)
    second = refresh(place.stores, first.refresh)
    before = place.engine.operations.copy()

    for _ in range(10):
        let_in(send(gate, first.access))
        let_in(send(gate, second.access))

    assert place.spent(before) == {"get": 2, "update": 20}  # the row with the digests is read where argon2 runs


def changed(text: str, place: int) -> str:
    return text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]


def test_garbage_that_begins_like_an_access_token_costs_no_look_into_the_store_and_no_hash(
    place: Place, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = connect(place.stores)
    hashing = Hashing(monkeypatch)
    before = place.engine.operations.copy()

    for text in (
        "mfa_",
        "mfa_" + "0" * 71,
        *(changed(made.access, place_) for place_ in range(4, len(made.access), 5)),
        ACCESS_TAG + (made.refresh or "")[4:],
        made.refresh,
        made.access[:-1],
    ):
        assert refused(send(gate, text)) is Reason.TOKEN_MALFORMED, text

    assert (place.spent(before), hashing.times) == ({}, 0)


# --- its own end ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known", "fresh"])
@pytest.mark.parametrize("method", ["tools/call", "tools/list"])
def test_an_access_token_ends_at_its_second_and_its_grant_lives_on(
    place: Place,
    gate: Gate,
    known: bool,  # noqa: FBT001 - a column of the table
    method: str,
) -> None:
    made = connect(place.stores)
    if known:
        let_in(send(gate, made.access))
    let_in(send(container(place), made.access, at=NOON + AN_HOUR - SECOND, method=method))

    answer = send(gate, made.access, at=NOON + AN_HOUR, method=method)

    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.details) == (Reason.TOKEN_EXPIRED, {"expired_at": "2026-11-21T13:00:00Z"})
    renewed = refresh(place.stores, made.refresh, at=NOON + AN_HOUR)
    let_in(send(gate, renewed.access, at=NOON + AN_HOUR, method=method))


@pytest.mark.parametrize("plan", ["plus", "alpha"])
def test_a_request_that_comes_too_late_is_not_counted_and_stands_in_the_trail(place: Place, plan: str) -> None:
    workspace(place.stores, plan=plan)
    made, gate = connect(place.stores), container(place)
    let_in(send(gate, made.access))
    before = row_of(place.stores, made)
    assert before.token.app is not None
    late = before.token.app.access_expires_at

    answers = [send(gate, made.access, at=late) for _ in range(100)]

    assert set(reasons(answers)) == {Reason.TOKEN_EXPIRED}, "the window never fills"
    assert row_of(place.stores, made) == before
    denied = AuditFilter(types=frozenset({"mcp.call_denied"}))
    first = place.stores.audit.entries("wks_1", matching=denied, limit=100, now=late).items[-1]
    assert (first.data["token_id"], first.data["reason"]) == (made.grant_id, "token_expired")
    assert first.origin.actor == "mem_ana"


def test_a_flood_of_an_access_token_that_ended_costs_only_what_the_trail_keeps_of_it(place: Place, gate: Gate) -> None:
    made = connect(place.stores)
    let_in(send(gate, made.access))
    before = place.engine.operations.copy()

    assert set(reasons(send(gate, made.access, at=NOON + AN_HOUR) for _ in range(1000))) == {Reason.TOKEN_EXPIRED}

    assert place.spent(before) == {"get": 1, "put": 16}


# --- which of them ----------------------------------------------------------------------------------------------------


def test_the_last_two_access_tokens_are_let_in_side_by_side_and_none_before(place: Place, gate: Gate) -> None:
    first = connect(place.stores)
    let_in(send(gate, first.access))
    second = refresh(place.stores, first.refresh)
    for gate_ in (gate, container(place)):
        let_in(send(gate_, first.access))
        let_in(send(gate_, second.access))

    third = refresh(place.stores, second.refresh)

    for gate_ in (gate, container(place)):
        let_in(send(gate_, second.access))
        let_in(send(gate_, third.access))
    # Where it is known, it is told what became of it; where nobody can prove any more that it was one, it is unknown.
    for method in ("tools/call", "tools/list"):
        assert refused(send(gate, first.access, method=method)) is Reason.TOKEN_ROTATED
        assert refused(send(container(place), first.access, method=method)) is Reason.TOKEN_UNKNOWN


def test_an_access_token_that_nobody_was_given_is_none_though_its_check_digits_are_right(
    place: Place, gate: Gate
) -> None:
    made = connect(place.stores)
    access, _ = texts_of(made)

    for generation in (0, 1, 2):
        forged = access_token(
            made.grant_id,
            generation=generation,
            expires_at=NOON + AN_HOUR,
            random_part=new_random_part(),
            version=access.key_version,
            keys=KEYS,
        )
        assert refused(send(gate, forged.text)) is Reason.TOKEN_UNKNOWN
    longer = access_token(
        made.grant_id,
        generation=1,
        expires_at=NOON + 2 * AN_HOUR,
        random_part=access.secret[10:],
        version=access.key_version,
        keys=KEYS,
    )
    assert refused(send(gate, longer.text)) is Reason.TOKEN_UNKNOWN


def test_a_revoked_grant_is_refused_by_the_very_next_request_with_each_of_its_tokens(place: Place, gate: Gate) -> None:
    first = connect(place.stores)
    second = refresh(place.stores, first.refresh)
    let_in(send(gate, first.access))
    let_in(send(gate, second.access))

    revoke(place.stores, first)

    assert {refused(send(gate, made.access)) for made in (first, second)} == {Reason.TOKEN_REVOKED}


def test_what_an_admin_granted_ends_at_once_when_they_become_less(place: Place, gate: Gate) -> None:
    of_the_admin, of_the_analyst = connect(place.stores, member_id="mem_adam"), connect(place.stores)
    let_in(send(gate, of_the_admin.access))

    place.order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON))

    assert refused(send(gate, of_the_admin.access)) is Reason.TOKEN_REVOKED
    let_in(send(gate, of_the_analyst.access))


# --- what is known of its use -----------------------------------------------------------------------------------------


def test_the_row_tells_which_generation_is_in_use_and_an_older_one_takes_nothing_from_it(
    place: Place, gate: Gate
) -> None:
    first = connect(place.stores)
    assert row_of(place.stores, first).generations_used == set()
    let_in(send(gate, first.access))
    assert row_of(place.stores, first).generations_used == {1}
    second = refresh(place.stores, first.refresh)
    let_in(send(gate, second.access))
    let_in(send(gate, first.access))

    assert row_of(place.stores, first).generations_used == {1, 2}


# --- where ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", [None, "https://mcp.test", "https://mcp.test/mcp/", "https://other.test/mcp"])
def test_an_access_token_is_good_at_the_address_that_it_was_made_for_and_at_no_other(
    place: Place, gate: Gate, resource: str | None
) -> None:
    made = connect(place.stores)
    elsewhere = replace(gate, resource=resource)  # with the same memory

    for _ in range(2):
        assert refused(send(elsewhere, made.access)) is Reason.TOKEN_UNKNOWN
        let_in(send(gate, made.access))
    assert place.trail("mcp.call_denied") == []


# --- rows that others wrote -------------------------------------------------------------------------------------------

LATER = "2027-11-20T12:00:00.000000Z"


def app_of(**fields: str) -> dict[str, Value]:
    """The app as it stands in the row of the plain grant, with other fields."""
    kept: dict[str, Value] = {
        "client_id": "https://client.example/oauth.json",
        "client_name": "An editor",
        "redirect_host": "127.0.0.1",
        "resource": RESOURCE,
        "role": "analyst",
    }
    return {**kept, **fields}


FORGERIES: dict[str, dict[str, Any]] = {
    "client": {"app": app_of(client_id="https://evil.example/oauth.json")},
    "name": {"app": app_of(client_name="Another")},
    "host": {"app": app_of(redirect_host="evil.example")},
    "resource": {"app": app_of(resource="https://other.test/mcp")},
    "role": {"app": app_of(role="owner")},
    "generation": {"generation": 2},
    "refreshed_at": {"refreshed_at": LATER},
    "access_expires_at": {"access_expires_at": LATER},
    "digest": {"digest": hash_secret("another secret")},
    "digest_refresh": {"digest_refresh": hash_secret("another secret")},
    "digest_former": {"digest_former": hash_secret("another secret")},
    "scopes": {"scopes": [str(scope) for scope in Scope]},
    "expires_at": {"expires_at": LATER},
    "lifetime_days": {"lifetime_days": 3650},
    "created_at": {"created_at": LATER},
    "owner_id": {"owner_id": "mem_olivia"},
    "kind": {"kind": "personal"},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
@pytest.mark.parametrize("known", [True, False], ids=["known", "fresh"])
def test_a_grant_whose_row_was_not_written_by_us_lets_nobody_in(
    place: Place,
    gate: Gate,
    forged: dict[str, Any],
    known: bool,  # noqa: FBT001 - a column of the table
) -> None:
    made = connect(place.stores)
    if known:
        let_in(send(gate, made.access))
    stored = row_of(place.stores, made)
    forge(place, made, **forged)
    assert row_of(place.stores, made) != stored  # the attribute is really one of the row

    assert refused(send(gate, made.access)) is Reason.TOKEN_UNKNOWN


def test_the_plain_app_of_these_forgeries_is_that_of_the_row(place: Place, gate: Gate) -> None:
    """Else a forgery would be refused for another field than its own."""
    made = connect(place.stores)
    forge(place, made, app=app_of())

    let_in(send(gate, made.access))


# --- what is told -----------------------------------------------------------------------------------------------------


def test_who_shows_an_access_token_is_told_of_a_sign_in_and_nobody_else(place: Place, gate: Gate) -> None:
    made, static = connect(place.stores), token(place.stores)
    revoke(place.stores, made)
    place.revoke(static)
    answers = [send(gate, text) for text in (made.access, "mfa_" + "0" * 71, made.refresh, static.text, "mfp_", None)]

    told = [answer.sign_in_for for answer in answers if isinstance(answer, Refusal)]

    assert told == [frozenset(Scope), frozenset(Scope), None, None, None, None]
