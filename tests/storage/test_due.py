"""What every engine promises about the index of tokens to look at: it follows their lives, and no request is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.token.attendance import AT_NO_TIME
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    OverlapEnded,
    RotationAdopted,
    TokenEvent,
    TokenExpired,
    TokenKind,
    TokenRenamed,
    TokenResumed,
    TokenRotated,
    TokenSuspended,
)
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.tokens import TokenRow
from shared.storage.engine import Engine, Table, Update
from shared.storage.rows.token_row import token_key
from tests.data.examples import NOON, ONE_DAY, arrival, store_token, store_workspace, token_revoked
from tests.data.stores import Stores
from tests.storage.changes import again, append

FAR = NOON + 10_000 * ONE_DAY
A_MOMENT = timedelta(microseconds=1)


def day(number: float) -> datetime:
    return NOON + number * ONE_DAY


RENAMED = TokenRenamed(name="Nightly", renamed_by="mem_olga", at=day(1))
SUSPENDED = TokenSuspended(suspended_by="mem_olga", reason="missing", at=day(1))
RESUMED = TokenResumed(resumed_by="mem_olga", reason="found", at=day(3))
FLAGGED = AbandonmentFlagged(idle_since=NOON, after_days=14, at=day(14))
CLEARED = AbandonmentCleared(used_at=day(20), at=day(20))
REMINDED = ExpiryReminded(days_left=30, expires_at=day(90), at=day(60))
ROTATED = TokenRotated(successor_id="tok2", rotated_by="mem_olga", overlap_seconds=86_400, ends_at=day(6), at=day(5))


@pytest.fixture(autouse=True)
def workspace(stores: Stores) -> None:
    store_workspace(stores)


def endless(stores: Stores) -> TokenRow:
    return store_token(stores, kind=TokenKind.ORGANIZATION, expires_at=None)


def in_the_index(stores: Stores, at: datetime | None) -> bool:
    """Tell whether the token is named from this moment on, and not before (None: never)."""
    if at is None:
        return again(stores).due_at is None and stores.tokens.due(AT_NO_TIME, limit=9) == ()
    before, then = (stores.tokens.due(moment, limit=9) for moment in (at - A_MOMENT, at))
    return again(stores).due_at == at and (before, then) == ((), ("tok1",))


LIVES: dict[str, tuple[list[TokenEvent], datetime | None]] = {
    "renamed": ([RENAMED], day(14)),
    "suspended": ([SUSPENDED], day(60)),
    "resumed": ([SUSPENDED, RESUMED], day(17)),
    "resumed, revoked": ([SUSPENDED, RESUMED, token_revoked()], None),
    "flagged": ([FLAGGED], day(60)),
    "flagged, suspended": ([FLAGGED, SUSPENDED], day(60)),
    "flagged, reminded": ([FLAGGED, REMINDED], day(76)),
    "rotated": ([ROTATED], day(6)),
    "rotated, suspended": ([ROTATED, SUSPENDED], day(6)),
    "overlap ended": ([ROTATED, OverlapEnded(successor_id="tok2", at=day(6))], None),
    "expired": ([TokenExpired(at=day(90))], None),
    "revoked": ([token_revoked()], None),
    "suspended, revoked": ([SUSPENDED, token_revoked()], None),
    "made": ([], day(14)),
}


@pytest.mark.parametrize(("history", "at"), LIVES.values(), ids=LIVES)
def test_the_index_follows_a_token_through_its_life(
    stores: Stores, history: list[TokenEvent], at: datetime | None
) -> None:
    store_token(stores)

    for event in history:
        append(stores, again(stores), event)

    assert in_the_index(stores, at)


def test_a_live_token_that_nothing_will_be_due_for_keeps_its_place_at_the_end_of_time(stores: Stores) -> None:
    append(stores, endless(stores), FLAGGED)

    assert again(stores).due_at == AT_NO_TIME
    assert stores.tokens.due(FAR, limit=9) == ()


def test_the_sweep_knows_more_and_says_when_to_look_again(stores: Stores) -> None:
    append(stores, endless(stores), FLAGGED, CLEARED, look_at=day(140))

    assert in_the_index(stores, day(140))


def test_what_the_row_shows_of_the_use_decides_when_nobody_says(stores: Stores) -> None:
    endless(stores)
    stores.tokens.admit("tok1", arrival(now=day(10)), limit=60)

    append(stores, again(stores), RENAMED)

    assert in_the_index(stores, day(40))


# --- another look -----------------------------------------------------------------------------------------------------


def test_a_look_that_finds_nothing_is_followed_by_another(stores: Stores) -> None:
    row = store_token(stores)

    stores.tokens.look_again(row, day(44))

    assert in_the_index(stores, day(44))
    assert again(stores).version == row.version


def test_whoever_looked_at_an_older_row_does_not_move_the_next_look(stores: Stores) -> None:
    row = store_token(stores)
    stores.tokens.wake("tok1", used_at=day(2))
    stores.tokens.look_again(row, day(44))
    assert in_the_index(stores, day(2))

    row = again(stores)
    append(stores, row, SUSPENDED)
    stores.tokens.look_again(row, day(44))
    assert in_the_index(stores, day(60))

    row = again(stores)
    append(stores, row, token_revoked())
    stores.tokens.look_again(row, day(44))
    assert in_the_index(stores, None)


def test_a_stale_entry_of_a_token_that_ended_goes(engine: Engine, stores: Stores) -> None:
    append(stores, store_token(stores), token_revoked())
    stale = {"due_pk": "DUE#TOK#0", "due_sk": "2026-11-22T12:00:00.000000Z"}
    engine.write(Update(table=Table.CORE, key=token_key("tok1"), set=stale))
    assert stores.tokens.due(FAR, limit=9) == ("tok1",)

    stores.tokens.look_again(again(stores), None)

    assert in_the_index(stores, None)


@pytest.mark.parametrize("due_at", [None, day(14)])
def test_a_look_at_a_token_that_is_gone_makes_no_row(stores: Stores, due_at: datetime | None) -> None:
    row = store_token(stores)

    stores.tokens.look_again(replace(row, token=replace(row.token, token_id="gone"), due_at=due_at), day(44))

    assert stores.tokens.get("gone") is None
    assert stores.tokens.due(FAR, limit=9) == ("tok1",)


# --- a use that matters -----------------------------------------------------------------------------------------------


def test_a_use_brings_the_look_forward_and_the_first_one_is_kept(stores: Stores) -> None:
    store_token(stores)

    stores.tokens.wake("tok1", used_at=day(2))
    stores.tokens.wake("tok1", used_at=day(3))

    assert again(stores).first_used_at == day(2)
    assert in_the_index(stores, day(3))


def test_a_token_that_nothing_would_be_due_for_is_woken_too(stores: Stores) -> None:
    append(stores, endless(stores), FLAGGED)

    stores.tokens.wake("tok1", used_at=day(20))

    assert in_the_index(stores, day(20))


def test_a_suspended_token_is_woken_and_one_that_ended_is_not(stores: Stores) -> None:
    append(stores, store_token(stores), SUSPENDED)
    stores.tokens.wake("tok1", used_at=day(2))
    assert in_the_index(stores, day(2))

    append(stores, again(stores), token_revoked())
    stores.tokens.wake("tok1", used_at=day(3))
    assert in_the_index(stores, None)


def test_a_successor_that_ended_is_woken_until_its_adoption_is_recorded(stores: Stores) -> None:
    append(stores, store_token(stores, predecessor_id="tok0"), token_revoked())
    assert in_the_index(stores, None)

    stores.tokens.wake("tok1", used_at=day(2))
    assert again(stores).first_used_at == day(2)
    assert in_the_index(stores, day(2))

    append(stores, again(stores), RotationAdopted(predecessor_id="tok0", first_used_at=day(2), at=day(3)))
    assert in_the_index(stores, None)
    stores.tokens.wake("tok1", used_at=day(3))
    assert in_the_index(stores, None)


def test_a_successor_whose_first_use_is_known_stays_in_the_index_when_it_ends(stores: Stores) -> None:
    store_token(stores, predecessor_id="tok0")
    stores.tokens.wake("tok1", used_at=day(1))

    append(stores, again(stores), token_revoked())

    assert in_the_index(stores, day(1))


def test_a_token_that_is_unknown_is_not_made_by_waking_it(stores: Stores) -> None:
    stores.tokens.wake("none", used_at=NOON)

    assert stores.tokens.get("none") is None
    assert stores.tokens.due(FAR, limit=9) == ()


def test_a_use_during_a_look_is_not_forgotten(stores: Stores) -> None:
    """The token is due already, so the use does not bring it forward; whoever looks at it has read an older row."""
    store_token(stores, predecessor_id="tok0")
    seen = again(stores)
    assert seen.due_at == day(14)
    stores.tokens.wake("tok1", used_at=day(14) + A_MOMENT)

    stores.tokens.look_again(seen, day(60))
    with pytest.raises(StreamMoved):
        append(stores, seen, REMINDED, look_at=day(76))

    assert in_the_index(stores, day(14) + A_MOMENT)


def test_a_change_between_a_first_use_and_its_record_does_not_put_the_look_off(stores: Stores) -> None:
    store_token(stores, predecessor_id="tok0")
    stores.tokens.wake("tok1", used_at=day(1))

    append(stores, again(stores), RENAMED)

    assert in_the_index(stores, day(1))


def test_whatever_is_due_is_found_in_turns(stores: Stores) -> None:
    tokens = {f"tok{n}" for n in range(10)}
    for token_id in tokens:
        store_token(stores, token_id=token_id)

    found: list[str] = []
    while named := stores.tokens.due(day(14), limit=4):
        assert len(named) <= 4
        for token_id in named:
            stores.tokens.look_again(again(stores, token_id), day(44))
        found += named

    assert sorted(found) == sorted(tokens)
