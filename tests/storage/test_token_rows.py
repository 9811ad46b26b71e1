"""What every engine promises about the row of a token: each state comes back as it was, nothing of an older one."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.domain.token.attendance import Use, next_look
from shared.domain.token.events import TokenKind, TokenRenamed
from shared.domain.token.state import Status, Token
from shared.domain.workspace.decider import Standing
from shared.storage.contracts.tokens import Admitted, Terms, TokenRow
from shared.storage.engine import Engine
from tests.data.examples import CREDENTIAL, NOON, ORIGIN, TERMS, arrival, store_token, store_workspace, token_created
from tests.data.stores import Stores
from tests.storage.changes import again

moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as UTC
ids = st.text("abcXYZ0189_-", min_size=1, max_size=20)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "token_id": st.just("tok1"),
    "kind": st.sampled_from(TokenKind),
    "workspace_id": st.just("ws1"),
    "owner_id": ids,
    "name": st.text(st.characters(exclude_categories=["C"]), max_size=30),
    "prefix": st.just("mfp_1abcdefg"),
    "scopes": st.frozensets(st.sampled_from(Scope), min_size=1),
    "created_at": moments,
    "expires_at": st.none() | moments,
    "lifetime_days": st.none() | st.integers(1, 365),
    "status": st.sampled_from(Status),
    "ended_at": st.none() | moments,
    "predecessor_id": st.none() | ids,
    "adopted_at": st.none() | moments,
    "successor_id": st.none() | ids,
    "suspended_at": st.none() | moments,
    "resumed_at": st.none() | moments,
    "reminded_days": st.none() | st.sampled_from([1, 60]),
    "flagged_at": st.none() | moments,
}
states: st.SearchStrategy[Token] = st.builds(Token, **FIELDS)
EMPTY = replace(TERMS, networks=())
OFFICE = replace(TERMS, networks=("2001:db8::/48", "203.0.113.0/24"))
fixed = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def workspace(stores: Stores) -> None:
    store_workspace(stores)


@fixed
@given(first=states, then=states)
def test_any_state_of_a_token_survives_its_row(stores: Stores, first: Token, then: Token) -> None:
    """The second one is written over the first: what the first had and the second has not is gone."""
    token_id = f"tok-{uuid4().hex}"
    first, then = replace(first, token_id=token_id), replace(then, token_id=token_id)
    then = replace(then, created_at=first.created_at)
    event = token_created(token_id=token_id)

    stores.tokens.create([event], first, credential=CREDENTIAL, terms=OFFICE, origin=ORIGIN)
    row = again(stores, token_id)
    assert row == TokenRow(token=first, version=1, credential=CREDENTIAL, terms=OFFICE, due_at=next_look(first, Use()))

    renamed = TokenRenamed(name="x", renamed_by="mem_olga", at=NOON)
    stores.tokens.append(
        [renamed], then, credential=replace(row.credential, seal="seal-2"), based_on=row, origin=ORIGIN
    )
    assert again(stores, token_id) == TokenRow(
        token=then,
        version=2,
        credential=replace(CREDENTIAL, seal="seal-2"),
        terms=OFFICE,
        due_at=next_look(then, Use()),
    )


def test_every_field_of_a_token_is_tried_here() -> None:
    """A new one does not slip past the property: it has to be added to it."""
    assert {field.name for field in fields(Token)} == {*FIELDS, "app"}  # of which `test_grants` tries every field


def test_terms_are_read_back_whole(stores: Stores) -> None:
    row = store_token(stores)
    assert row.terms == EMPTY

    office = Terms(plan="alpha", standing=Standing.NOT_AUTHORIZED, version=3, networks=OFFICE.networks)
    stores.tokens.apply_terms(office, seal="seal-3", based_on=row)
    assert again(stores).terms == office

    everywhere = replace(office, version=4, networks=())
    stores.tokens.apply_terms(everywhere, seal="seal-4", based_on=again(stores))
    assert again(stores).terms == everywhere


def test_a_call_costs_one_conditional_write_whatever_has_happened_to_the_token(engine: Engine, stores: Stores) -> None:
    row = store_token(stores, predecessor_id="tok0")
    late = NOON + timedelta(days=40)
    state = replace(row.token, adopted_at=NOON, resumed_at=NOON, reminded_days=60, flagged_at=NOON, successor_id="tok2")
    renamed = TokenRenamed(name="x", renamed_by="mem_olga", at=NOON)
    stores.tokens.append(
        [renamed], state, credential=replace(row.credential, seal="seal-2"), based_on=row, origin=ORIGIN
    )
    stores.tokens.apply_terms(replace(OFFICE, version=3), seal="seal-3", based_on=again(stores))
    stores.tokens.wake("tok1", used_at=late)
    stores.evidence.note("tok1", late.date(), scope=Scope.PNL)
    before = Counter(engine.operations)

    answers = [
        stores.tokens.admit("tok1", arrival(request_id=f"r{n}", now=late), limit=60, plan="plus") for n in range(5)
    ]

    assert engine.operations - before == {"update": 5}
    assert all(isinstance(answer, Admitted) for answer in answers)
    last = answers[-1]
    assert isinstance(last, Admitted)
    assert last.row == again(stores)
    assert last.row is not None
    assert (last.row.due_at, last.row.first_used_at) == (late, late)
