from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.domain.scopes import Scope
from shared.services.scope_evidence import ScopeEvidence, scope_evidence
from tests.data.examples import tool_called
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, NOON, origin, rotation, token, workspace

FIVE = (Scope.PNL, Scope.ADS, Scope.PRODUCTS, Scope.CUSTOMERS, Scope.ACTIVITY)
LONG_AGO = NOON - 100 * A_DAY
TODAY = NOON.date()


@pytest.fixture
def stores() -> Stores:
    stores = memory_stores()
    workspace(stores, at=LONG_AGO)
    return stores


def evidence_of(stores: Stores, token_id: str) -> ScopeEvidence:
    row = stores.tokens.get(token_id)
    assert row is not None
    return scope_evidence(row.token, now=NOON, tokens=stores.tokens, evidence=stores.evidence, audit=stores.audit)


def test_what_was_granted_is_set_against_what_was_used(stores: Stores) -> None:
    made = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    stores.evidence.note(made.token_id, TODAY - 3 * A_DAY, scope=Scope.PNL)
    stores.evidence.note(made.token_id, TODAY - A_DAY, scope=Scope.PNL)
    stores.evidence.note(made.token_id, TODAY, scope=None)

    found = evidence_of(stores, made.token_id)

    assert found.granted == set(FIVE)
    assert found.used == {Scope.PNL: TODAY - A_DAY}
    assert found.unused == set(FIVE) - {Scope.PNL}


def test_the_last_60_days_count(stores: Stores) -> None:
    made = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    stores.evidence.note(made.token_id, TODAY - 60 * A_DAY, scope=Scope.PNL)
    stores.evidence.note(made.token_id, TODAY - 61 * A_DAY, scope=Scope.ADS)

    found = evidence_of(stores, made.token_id)

    assert (found.since, set(found.used)) == (TODAY - 60 * A_DAY, {Scope.PNL})


def test_what_a_predecessor_was_used_for_counts_for_its_successor(stores: Stores) -> None:
    """A job that runs each month still needs its scope after a rotation in between."""
    first = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    second = rotation(stores, first.token_id, at=NOON - 20 * A_DAY).token
    third = rotation(stores, second.token_id, at=NOON - A_DAY).token
    stores.evidence.note(first.token_id, TODAY - 40 * A_DAY, scope=Scope.PNL)
    stores.evidence.note(second.token_id, TODAY - 2 * A_DAY, scope=Scope.ADS)
    stores.evidence.note(third.token_id, TODAY, scope=Scope.ADS)

    assert evidence_of(stores, third.token_id).used == {Scope.PNL: TODAY - 40 * A_DAY, Scope.ADS: TODAY}


def test_a_scope_that_was_given_up_is_not_told_as_used(stores: Stores) -> None:
    first = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    stores.evidence.note(first.token_id, TODAY - 40 * A_DAY, scope=Scope.PNL)
    second = rotation(stores, first.token_id, scopes=(Scope.ADS,), at=NOON - A_DAY).token

    found = evidence_of(stores, second.token_id)

    assert (found.used, found.unused) == ({}, {Scope.ADS})


def test_a_predecessor_that_ended_before_those_days_is_not_read(stores: Stores) -> None:
    first = token(stores, days=365, at=LONG_AGO).token
    second = rotation(stores, first.token_id, overlap=0, at=NOON - 61 * A_DAY - timedelta(hours=13)).token
    stores.evidence.note(first.token_id, TODAY, scope=Scope.PNL)  # which cannot be

    assert evidence_of(stores, second.token_id).used == {}


def test_a_predecessor_whose_overlap_outlasted_that_of_its_successor_is_read(stores: Stores) -> None:
    first = token(stores, days=365, at=LONG_AGO).token
    rotated_at = NOON - 61 * A_DAY
    second = rotation(stores, first.token_id, overlap=7 * 86_400, at=rotated_at).token
    third = rotation(stores, second.token_id, overlap=0, at=rotated_at).token
    stores.evidence.note(first.token_id, TODAY - 55 * A_DAY, scope=Scope.PNL)

    assert evidence_of(stores, third.token_id).used == {Scope.PNL: TODAY - 55 * A_DAY}


def test_the_line_is_followed_as_far_as_a_rotation_a_day_reaches(stores: Stores) -> None:
    made = token(stores, days=365, at=LONG_AGO).token
    first = made
    for day in range(60, 0, -1):
        made = rotation(stores, made.token_id, overlap=0, at=NOON - day * A_DAY).token
    stores.evidence.note(first.token_id, TODAY - 60 * A_DAY, scope=Scope.PNL)

    assert evidence_of(stores, made.token_id).used == {Scope.PNL: TODAY - 60 * A_DAY}


# --- calls that stand in the trail and not yet in the evidence ------------------------------------------------------


def call(stores: Stores, token_id: str, *, scope: Scope | None, at: datetime) -> None:
    event = tool_called(token_id=token_id, scope=scope, at=at)
    stores.audit.record(event, workspace_id="wks_1", origin=origin())


def test_a_call_counts_at_once(stores: Stores) -> None:
    made = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    stores.evidence.note(made.token_id, TODAY - 3 * A_DAY, scope=Scope.PNL)
    stores.evidence.note(made.token_id, TODAY - 2 * A_DAY, scope=Scope.ADS)

    call(stores, made.token_id, scope=Scope.PNL, at=NOON)

    assert evidence_of(stores, made.token_id).used == {Scope.PNL: TODAY, Scope.ADS: TODAY - 2 * A_DAY}


def test_a_call_of_a_predecessor_in_its_overlap_counts_at_once(stores: Stores) -> None:
    first = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    second = rotation(stores, first.token_id, at=NOON - timedelta(minutes=9)).token

    call(stores, first.token_id, scope=Scope.PNL, at=NOON - timedelta(minutes=8))

    assert evidence_of(stores, second.token_id).used == {Scope.PNL: TODAY}


def test_calls_of_others_and_for_no_scope_count_for_nothing(stores: Stores) -> None:
    made = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    other = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token

    call(stores, other.token_id, scope=Scope.PNL, at=NOON)
    call(stores, made.token_id, scope=None, at=NOON)

    assert evidence_of(stores, made.token_id).used == {}


def test_a_successor_is_narrowed_to_what_was_just_used(stores: Stores) -> None:
    made = token(stores, scopes=FIVE, days=365, at=LONG_AGO).token
    call(stores, made.token_id, scope=Scope.ADS, at=NOON - timedelta(seconds=5))

    assert rotation(stores, made.token_id, narrow=True).token.scopes == {Scope.ADS}
