"""What every engine promises about tokens, through the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.commands import RenameToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import TokenKind, TokenRenamed, TokenRevoked
from shared.domain.token.policy import ANYTHING
from shared.domain.token.state import Status
from shared.domain.workspace.decider import Standing
from shared.storage.attributes import image_of
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.tokens import Admitted, Terms, TokenRow
from shared.storage.engine import Engine, Key, Table
from shared.storage.rows.subjects import Use, use_in
from shared.storage.rows.token_row import token_key
from shared.storage.rows.tokens import StoredTokens
from tests.data.examples import (
    CREDENTIAL,
    NOON,
    ONE_DAY,
    ORIGIN,
    TERMS,
    arrival,
    store_token,
    store_workspace,
    token_created,
    token_of,
    token_revoked,
)
from tests.data.stores import Stores
from tests.storage.changes import again, append, trail_of
from tests.storage.places import Place


@pytest.fixture(autouse=True)
def workspace(stores: Stores) -> None:
    store_workspace(stores)


def test_a_new_token_is_read_back_whole(stores: Stores) -> None:
    event = token_created(scopes=frozenset(Scope), expires_at=NOON + timedelta(days=30, microseconds=7))

    stores.tokens.create([event], token_of(event), credential=CREDENTIAL, terms=TERMS, origin=ORIGIN)

    assert stores.tokens.get("tok1") == TokenRow(
        token=token_of(event), version=1, credential=CREDENTIAL, terms=TERMS, due_at=NOON + 14 * ONE_DAY
    )
    assert stores.tokens.history("tok1") == (event,)
    assert trail_of(stores) == ["token.created"]


def test_a_token_without_an_end_is_read_back_so(stores: Stores) -> None:
    row = store_token(stores, kind=TokenKind.ORGANIZATION, expires_at=None)

    assert row.token.expires_at is None
    assert row.token.lifetime_days is None


def test_an_unknown_token_is_none(stores: Stores) -> None:
    assert stores.tokens.get("none") is None
    assert stores.tokens.history("none") == ()


def test_no_token_is_made_once_the_workspace_has_moved_on(stores: Stores) -> None:
    event = token_created()
    stale = Terms(plan="plus", standing=Standing.OPEN, version=TERMS.version - 1)

    with pytest.raises(StreamMoved):
        stores.tokens.create([event], token_of(event), credential=CREDENTIAL, terms=stale, origin=ORIGIN)

    assert stores.tokens.get("tok1") is None
    assert stores.tokens.history("tok1") == ()
    assert stores.tokens.of_workspace("ws1", limit=10).items == ()
    assert trail_of(stores) == []


def test_no_token_is_made_under_an_id_that_is_taken(stores: Stores) -> None:
    first = store_token(stores)

    with pytest.raises(StreamMoved):
        store_token(stores, name="Another")

    assert again(stores) == first
    assert trail_of(stores) == ["token.created"]


def test_a_change_updates_the_row_the_history_and_the_trail_together(stores: Stores) -> None:
    row = store_token(stores)

    append(stores, row, TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON), token_revoked())

    token = again(stores).token
    assert (token.name, token.status, token.ended_at) == ("Nightly", Status.REVOKED, NOON + ONE_DAY)
    assert (again(stores).version, again(stores).credential.seal) == (3, "seal-2")
    assert replay(stores.tokens.history("tok1")) == token
    assert trail_of(stores) == ["token.created", "token.renamed", "token.revoked"]


def test_a_change_leaves_the_use_and_the_window_alone(stores: Stores) -> None:
    row = store_token(stores)
    for n in range(3):
        stores.tokens.admit("tok1", arrival(request_id=f"r{n}"), limit=60)

    append(stores, row, TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON))

    assert (again(stores).calls, again(stores).last_used_at) == (3, NOON)
    assert set(again(stores).window.ending.values()) == {3}


def test_a_change_that_was_decided_on_an_older_row_is_refused_whole(stores: Stores) -> None:
    row = store_token(stores)
    append(stores, row, TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON))
    before = again(stores)

    with pytest.raises(StreamMoved):
        append(stores, row, token_revoked())

    assert again(stores) == before
    assert trail_of(stores) == ["token.created", "token.renamed"]


def test_a_change_and_newer_terms_never_overwrite_each_others_seal(stores: Stores) -> None:
    """The seal stands over both, so whoever comes second has to look again."""
    row = store_token(stores)
    stores.tokens.apply_terms(
        Terms(plan="plus", standing=Standing.NOT_AUTHORIZED, version=3), seal="seal-of-terms", based_on=row
    )

    with pytest.raises(StreamMoved):
        append(stores, row, TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON))
    append(stores, again(stores), TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON), seal="seal-3")
    with pytest.raises(StreamMoved):
        stores.tokens.apply_terms(replace(TERMS, version=4), seal="late", based_on=row)

    assert (again(stores).credential.seal, again(stores).terms.version, again(stores).version) == ("seal-3", 3, 2)


def test_terms_never_go_back(stores: Stores) -> None:
    row = store_token(stores)

    stores.tokens.apply_terms(replace(TERMS, plan="starter"), seal="same version", based_on=row)
    stores.tokens.apply_terms(replace(TERMS, plan="alpha", version=1), seal="older", based_on=row)

    assert again(stores) == row


def test_a_token_just_made_is_in_the_list_and_the_newest_is_first(stores: Stores) -> None:
    for n in range(5):
        store_token(stores, token_id=f"tok{n}", at=NOON + timedelta(milliseconds=n))

        assert stores.tokens.of_workspace("ws1", limit=10).items[0].token.token_id == f"tok{n}"


def test_the_list_comes_in_pages_that_show_each_token_once(stores: Stores) -> None:
    for n in range(5):
        store_token(stores, token_id=f"tok{n}", at=NOON + timedelta(seconds=n))

    first = stores.tokens.of_workspace("ws1", limit=2)
    second = stores.tokens.of_workspace("ws1", limit=2, after=first.next)
    third = stores.tokens.of_workspace("ws1", limit=2, after=second.next)

    pages = [[row.token.token_id for row in page.items] for page in (first, second, third)]
    assert pages == [["tok4", "tok3"], ["tok2", "tok1"], ["tok0"]]
    assert third.next is None


def test_the_list_of_a_workspace_holds_no_token_of_another(stores: Stores) -> None:
    store_workspace(stores, "ws2")
    store_token(stores, token_id="tok1", workspace_id="ws1")
    store_token(stores, token_id="tok2", workspace_id="ws2")

    assert [row.token.token_id for row in stores.tokens.of_workspace("ws2", limit=10).items] == ["tok2"]


def test_everything_overdue_is_due_however_long_nobody_looked(stores: Stores) -> None:
    for n in range(8):
        store_token(stores, token_id=f"tok{n}", expires_at=NOON + (n - 1) * 2 * ONE_DAY)
    moment = timedelta(microseconds=1)

    assert stores.tokens.due(NOON - 2 * ONE_DAY - moment, limit=50) == ()
    assert stores.tokens.due(NOON - 2 * ONE_DAY, limit=50) == ("tok0",)
    assert set(stores.tokens.due(NOON + 6 * ONE_DAY, limit=50)) == {f"tok{n}" for n in range(6)}
    assert len(stores.tokens.due(NOON + 2000 * ONE_DAY, limit=3)) <= 3


def test_a_token_that_ended_is_no_longer_due(stores: Stores) -> None:
    row = store_token(stores)

    append(stores, row, TokenRevoked(revoked_by="mem_olga", reason="lost", at=NOON))

    assert stores.tokens.due(NOON + 1000 * ONE_DAY, limit=10) == ()


def test_the_row_of_a_token_names_no_attribute_that_it_does_not_need(engine: Engine, stores: Stores) -> None:
    """The row is read and written with every call, so what lies on it is paid for every time."""
    store_token(stores)
    for n in range(40):
        stores.tokens.admit("tok1", arrival(request_id=f"r{n}", now=NOON + timedelta(seconds=7 * n)), limit=60)

    item = engine.get(Table.CORE, token_key("tok1")) or {}

    assert sum(name.startswith("w") and name[1:].isdigit() for name in item) == 11
    assert sum(len(name) + len(str(value)) for name, value in item.items()) < 1024


def test_renames_during_a_thousand_calls_leave_the_numbers_gapless(place: Place, stores: Stores) -> None:
    store_token(stores)
    containers, calls = 4, 250

    def call(container: int) -> list[int]:
        tokens = StoredTokens(place.engine())
        answers = [tokens.admit("tok1", arrival(request_id=f"{container}-{n}"), limit=5_000) for n in range(calls)]
        return [answer.number for answer in answers if isinstance(answer, Admitted)]

    with ThreadPoolExecutor(containers) as pool:
        numbers = pool.map(call, range(containers))
        for n in range(10):
            row = again(stores)
            events = decide(RenameToken(name=f"Name {n}", renamed_by="mem_olga", policy=ANYTHING, at=NOON), row.token)
            append(stores, row, *events)

    assert sorted(number for each in numbers for number in each) == list(range(1, containers * calls + 1))
    assert (again(stores).calls, again(stores).token.name, again(stores).version) == (1_000, "Name 9", 11)


def test_the_last_use_of_a_token_moves_forward_and_never_back(stores: Stores) -> None:
    store_token(stores)

    for minutes in (5, 3, 5, 4):
        stores.tokens.note_use("tok1", NOON + timedelta(minutes=minutes))
    stores.tokens.note_use("unknown", NOON)

    assert again(stores).last_used_at == NOON + timedelta(minutes=5)
    assert stores.tokens.get("unknown") is None


def test_a_request_on_a_shared_limit_leaves_whose_it_was_for_the_stream(engine: Engine, stores: Stores) -> None:
    stores.subjects.admit("ws1", "workspace", arrival(token_id="tok1"), limit=30)

    item = engine.get(Table.CORE, Key("W#ws1#LIMIT", "workspace"))

    assert item is not None
    assert use_in("W#ws1#LIMIT", image_of(item)) == Use(token_id="tok1", at=NOON)
    assert use_in("TOK#tok1", image_of(item)) is None
