"""What every engine promises about a rotation: two tokens change together, or neither does."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.token.decider import replay
from shared.domain.token.events import TokenRenamed, TokenRotated
from shared.domain.token.state import Status
from shared.domain.workspace.events import MemberAdded, Role
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.tokens import Credential, Terms, TokenRow
from tests.data.examples import (
    CREDENTIAL,
    NOON,
    ONE_DAY,
    ORIGIN,
    TERMS,
    store_token,
    store_workspace,
    token_created,
    token_of,
)
from tests.data.stores import Stores
from tests.storage.changes import again, append, trail_of
from tests.storage.places import Place, all_at_once

SECRET = Credential(digest="$argon2id$another", seal="seal-of-the-successor")


@pytest.fixture
def row(stores: Stores) -> TokenRow:
    store_workspace(stores)
    return store_token(stores)


def rotate(
    stores: Stores,
    row: TokenRow,
    *,
    successor_id: str = "tok2",
    ends_at: datetime = NOON + ONE_DAY,
    terms: Terms = TERMS,
) -> TokenRow:
    """Rotate a token, and give the row that its successor is to have."""
    rotated = TokenRotated(
        successor_id=successor_id, rotated_by="mem_olga", overlap_seconds=86_400, ends_at=ends_at, at=NOON
    )
    created = token_created(token_id=successor_id, predecessor_id=row.token.token_id)
    stores.tokens.rotate(
        [rotated],
        replay([rotated], row.token) or row.token,
        seal="seal-2",
        based_on=row,
        created=[created],
        successor=token_of(created),
        credential=SECRET,
        terms=terms,
        origin=ORIGIN,
    )
    return TokenRow(token=token_of(created), version=1, credential=SECRET, terms=terms, due_at=NOON + 14 * ONE_DAY)


def test_both_tokens_are_read_back_as_they_were_decided(stores: Stores, row: TokenRow) -> None:
    successor = rotate(stores, row)

    old = again(stores)
    assert again(stores, "tok2") == successor
    assert (old.token.successor_id, old.token.expires_at, old.version) == ("tok2", NOON + ONE_DAY, 2)
    assert old.credential == replace(CREDENTIAL, seal="seal-2")
    assert replay(stores.tokens.history("tok1")) == old.token
    assert replay(stores.tokens.history("tok2")) == successor.token
    assert {each.token.token_id for each in stores.tokens.of_workspace("ws1", limit=9).items} == {"tok1", "tok2"}
    assert trail_of(stores, "tok1") == ["token.created", "token.rotated"]
    assert trail_of(stores, "tok2") == ["token.created"]


def test_the_old_token_is_looked_at_when_its_overlap_ends(stores: Stores, row: TokenRow) -> None:
    rotate(stores, row)

    assert again(stores).due_at == NOON + ONE_DAY
    assert stores.tokens.due(NOON + ONE_DAY, limit=9) == ("tok1",)


def test_without_an_overlap_the_old_token_is_over_and_nobody_looks_at_it_again(stores: Stores, row: TokenRow) -> None:
    rotate(stores, row, ends_at=NOON)

    assert (again(stores).token.status, again(stores).due_at) == (Status.ROTATED, None)
    assert stores.tokens.due(NOON + 10_000 * ONE_DAY, limit=9) == ("tok2",)


def nothing_happened(stores: Stores, before: TokenRow) -> None:
    assert again(stores) == before
    assert stores.tokens.get("tok2") is None
    assert stores.tokens.history("tok2") == ()
    assert [each.token.token_id for each in stores.tokens.of_workspace("ws1", limit=9).items] == ["tok1"]
    assert "token.rotated" not in trail_of(stores)


def test_nothing_happens_once_the_workspace_has_moved_on(stores: Stores, row: TokenRow) -> None:
    workspace = stores.workspaces.get("ws1")
    assert workspace is not None
    added = MemberAdded(member_id="mem_ann", issuer="i", subject="ann", role=Role.ADMIN, at=NOON)
    stores.workspaces.append([added], workspace.workspace, expected_version=workspace.version, origin=ORIGIN)

    with pytest.raises(StreamMoved):
        rotate(stores, row)

    nothing_happened(stores, row)


def test_nothing_happens_once_the_token_has_moved_on(stores: Stores, row: TokenRow) -> None:
    append(stores, row, TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON))
    before = again(stores)

    with pytest.raises(StreamMoved):
        rotate(stores, row)

    nothing_happened(stores, before)


def test_nothing_happens_once_the_terms_of_the_token_are_others(stores: Stores, row: TokenRow) -> None:
    stores.tokens.apply_terms(replace(TERMS, version=3), seal="seal-of-terms", based_on=row)
    before = again(stores)

    with pytest.raises(StreamMoved):
        rotate(stores, row)

    nothing_happened(stores, before)


def test_nothing_happens_where_the_successors_id_is_taken(stores: Stores, row: TokenRow) -> None:
    other = store_token(stores, token_id="tok2", name="Somebody else's")

    with pytest.raises(StreamMoved):
        rotate(stores, row)

    assert again(stores) == row
    assert again(stores, "tok2") == other
    assert trail_of(stores) == ["token.created", "token.created"]


def test_of_many_rotations_at_once_one_makes_a_successor(place: Place, stores: Stores, row: TokenRow) -> None:
    def one(stores: Stores, writer: int) -> bool:
        with suppress(StreamMoved):
            rotate(stores, row, successor_id=f"new{writer}")
            return True
        return False

    won = all_at_once(place, lambda engine, writer: one(Stores.over(engine), writer))

    assert won.count(True) == 1
    made = [each.token.token_id for each in stores.tokens.of_workspace("ws1", limit=99).items]
    assert sorted(made) == sorted([f"new{won.index(True)}", "tok1"])
    assert again(stores).token.successor_id == f"new{won.index(True)}"
    assert again(stores).version == 2


def test_calls_in_the_overlap_count_on_each_token_alone(stores: Stores, row: TokenRow) -> None:
    rotate(stores, row)
    later = NOON + timedelta(hours=1)

    stores.tokens.note_use("tok2", later)

    assert again(stores).last_used_at is None
    assert again(stores, "tok2").last_used_at == later
