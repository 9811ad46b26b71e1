from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound
from shared.domain.scopes import Scope
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.rotation import AlreadyRotated
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    SetTokenPolicy,
)
from shared.services.create_token import NewToken
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.secret_hash import secret_matches
from shared.services.credentials.token_format import read_token
from shared.services.rotate_token import WantedRotation
from shared.services.sweep import sweep
from shared.storage.engine import Key, Table, Update
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, rotation, token, workspace
from tests.services.rotating import REVOKE, SUSPEND, TokenChange, change, in_the_list, row_of, trail

FORGED_SCOPES = [*map(str, Scope)]


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores)
    return stores


# --- what becomes of the two --------------------------------------------------------------------------------------


def test_a_successor_has_all_that_its_token_had_and_a_secret_of_its_own(stores: Stores) -> None:
    old = token(stores, owner="adam", name="CI", scopes=(Scope.PNL, Scope.ADS), days=90)
    later = NOON + 10 * A_DAY

    new = rotation(stores, old.token.token_id, by="adam", at=later)

    text = read_token(new.text, KEYS)
    row = row_of(stores, new)
    assert text is not None
    assert secret_matches(text.secret, row.credential.digest)
    assert is_sealed(row, KEYS)
    assert row.token == new.token
    assert (row.token.name, row.token.owner_id, row.token.scopes) == ("CI", "mem_adam", {Scope.PNL, Scope.ADS})
    assert row.token.expires_at == later + timedelta(days=90)
    assert row.token.predecessor_id == old.token.token_id
    assert new.text not in repr(new)
    assert old.text != new.text


def test_the_old_token_ends_with_the_overlap(stores: Stores) -> None:
    old = token(stores)

    new = rotation(stores, old.token.token_id, overlap=3600)

    row = row_of(stores, old)
    end = NOON + timedelta(hours=1)
    assert is_sealed(row, KEYS)
    assert (row.token.successor_id, row.token.expires_at) == (new.token.token_id, end)
    assert row.token.status_at(end - timedelta(microseconds=1)) is Status.ACTIVE
    assert row.token.status_at(end) is Status.ROTATED


def test_an_overlap_does_not_outlast_the_old_token(stores: Stores) -> None:
    old = token(stores, days=30)

    rotation(stores, old.token.token_id, overlap=7 * 86_400, at=NOON + 29 * A_DAY)

    assert row_of(stores, old).token.expires_at == NOON + 30 * A_DAY


def test_without_an_overlap_the_old_token_ends_at_once(stores: Stores) -> None:
    old = token(stores)

    rotation(stores, old.token.token_id, overlap=0)

    row = row_of(stores, old)
    assert (row.token.status, row.token.ended_at, row.due_at) == (Status.ROTATED, NOON, None)
    assert is_sealed(row, KEYS)


def test_both_stand_in_the_list_and_the_trail_tells_who_rotated(stores: Stores) -> None:
    old = token(stores, owner="adam")

    new = rotation(stores, old.token.token_id, by="adam")

    assert in_the_list(stores) == {old.token.token_id, new.token.token_id}
    assert trail(stores, "token.rotated") == [(f"token:{old.token.token_id}", "mem_adam")]
    assert (f"token:{new.token.token_id}", "mem_adam") in trail(stores, "token.created")


def test_the_sweep_writes_down_the_first_use_and_the_end_of_the_overlap(stores: Stores) -> None:
    old = token(stores)
    new = rotation(stores, old.token.token_id)
    used = NOON + timedelta(hours=1)
    stores.tokens.wake(new.token.token_id, used_at=used)

    for at in (used, NOON + A_DAY):
        sweep(
            now=at,
            request_id="sweep",
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            evidence=stores.evidence,
        )

    assert trail(stores, "token.rotation_adopted") == [(f"token:{new.token.token_id}", "system:sweeper")]
    assert trail(stores, "token.overlap_ended") == [(f"token:{old.token.token_id}", "system:sweeper")]
    assert row_of(stores, new).token.adopted_at == used
    assert row_of(stores, old).token.status is Status.ROTATED


def test_nothing_that_is_stored_holds_the_secret(engine: MeddledEngine, stores: Stores) -> None:
    new = rotation(stores, token(stores).token.token_id)
    text = read_token(new.text, KEYS)
    assert text is not None

    stored = str([each.record for each in engine.changes().read(0, limit=1000)])

    assert new.token.token_id in stored
    assert text.secret not in stored
    assert new.text[-11:] not in stored


def test_a_rotation_that_died_left_nothing(engine: MeddledEngine, stores: Stores) -> None:
    old = token(stores)
    before = row_of(stores, old)
    engine.meddle = die_before(write=0)

    with pytest.raises(Killed):
        rotation(stores, old.token.token_id)

    engine.meddle = None
    assert row_of(stores, old) == before
    assert in_the_list(stores) == {old.token.token_id}


# --- one successor at a time --------------------------------------------------------------------------------------


def test_a_second_rotation_names_the_successor_that_lives(stores: Stores) -> None:
    old = token(stores)
    new = rotation(stores, old.token.token_id)

    with pytest.raises(AlreadyRotated) as refused:
        rotation(stores, old.token.token_id)

    assert refused.value.successor_id == new.token.token_id
    assert new.token.token_id in refused.value.message
    assert row_of(stores, new).token.status is Status.ACTIVE


def test_a_successor_of_the_successor_counts_as_well(stores: Stores) -> None:
    first = token(stores)
    second = rotation(stores, first.token.token_id)
    third = rotation(stores, second.token.token_id, overlap=0)

    with pytest.raises(AlreadyRotated) as refused:
        rotation(stores, first.token.token_id)

    assert refused.value.successor_id == third.token.token_id


def test_a_suspended_successor_is_still_the_successor(stores: Stores) -> None:
    old = token(stores)
    new = rotation(stores, old.token.token_id)
    change(stores, new, SUSPEND)

    with pytest.raises(AlreadyRotated):
        rotation(stores, old.token.token_id)


def test_while_the_overlap_lasts_a_successor_that_ended_can_be_made_good(stores: Stores) -> None:
    old = token(stores)
    lost = rotation(stores, old.token.token_id, overlap=3600)
    change(stores, lost, REVOKE)

    second = rotation(stores, old.token.token_id, overlap=86_400)

    row = row_of(stores, old)
    assert row.token.successor_id == second.token.token_id
    assert row.token.expires_at == NOON + timedelta(hours=1)  # no overlap grows
    assert row_of(stores, lost).token.status is Status.REVOKED


def test_of_many_rotations_at_once_one_is_made(stores: Stores) -> None:
    old = token(stores)

    def try_it() -> NewToken | str:
        try:
            return rotation(stores, old.token.token_id)
        except AlreadyRotated as refused:
            return refused.successor_id

    with ThreadPoolExecutor(8) as containers:
        answers = [done.result() for done in [containers.submit(try_it) for _ in range(24)]]

    (new,) = [answer for answer in answers if isinstance(answer, NewToken)]
    assert {answer for answer in answers if not isinstance(answer, NewToken)} == {new.token.token_id}
    assert in_the_list(stores) == {old.token.token_id, new.token.token_id}


# --- what is refused ----------------------------------------------------------------------------------------------


Refused = Callable[[Stores, NewToken], object]
REFUSED: dict[str, tuple[Refused, type[DomainError], str]] = {
    "no token": (lambda stores, _: rotation(stores, "0" * 16), NotFound, "token_not_found"),
    "a longer overlap than a week": (
        lambda stores, old: rotation(stores, old.token.token_id, overlap=604_801),
        Invalid,
        "overlap_invalid",
    ),
    "an overlap before now": (
        lambda stores, old: rotation(stores, old.token.token_id, overlap=-1),
        Invalid,
        "overlap_invalid",
    ),
    "wider scopes": (
        lambda stores, old: rotation(stores, old.token.token_id, scopes=(Scope.PNL, Scope.ADS)),
        Invalid,
        "scope_wider",
    ),
    "no scope": (lambda stores, old: rotation(stores, old.token.token_id, scopes=()), Invalid, "scope_required"),
    "narrowed to nothing": (
        lambda stores, old: rotation(stores, old.token.token_id, narrow=True),
        Conflict,
        "scopes_unused",
    ),
    "its end": (
        lambda stores, old: rotation(stores, old.token.token_id, at=NOON + 30 * A_DAY),
        Conflict,
        "token_ended",
    ),
    "an id that is taken": (
        lambda stores, old: rotation(stores, old.token.token_id, successor_id=token(stores).token.token_id),
        Conflict,
        "token_exists",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_changes_nothing(stores: Stores, what: str) -> None:
    refuse, error, code = REFUSED[what]
    old = token(stores)
    before = row_of(stores, old)

    with pytest.raises(error) as refused:
        refuse(stores, old)

    assert refused.value.code == code
    assert row_of(stores, old) == before
    assert trail(stores, "token.rotated") == []


def test_scopes_are_named_or_found_but_not_both() -> None:
    with pytest.raises(Invalid) as refused:
        WantedRotation(overlap_seconds=0, scopes=frozenset({Scope.PNL}), narrow_to_used=True)

    assert (refused.value.code, refused.value.field) == ("scopes_twice", "narrow_to_used")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (REVOKE, "token_ended"),
        (SUSPEND, "token_suspended"),
    ],
    ids=["revoked", "suspended"],
)
def test_only_a_token_in_use_is_rotated(stores: Stores, command: TokenChange, code: str) -> None:
    old = token(stores)
    change(stores, old, command)

    with pytest.raises(Conflict) as refused:
        rotation(stores, old.token.token_id)

    assert refused.value.code == code


@pytest.mark.parametrize("overlap", [0, 3600])
def test_a_row_that_was_not_written_by_us_gets_no_successor(
    engine: MeddledEngine, stores: Stores, overlap: int
) -> None:
    old = token(stores)
    key = Key(f"TOK#{old.token.token_id}", "STATE")
    engine.write(Update(table=Table.CORE, key=key, set={"scopes": list(FORGED_SCOPES)}))

    with pytest.raises(Conflict) as refused:
        rotation(stores, old.token.token_id, overlap=overlap)

    assert refused.value.code == "token_damaged"
    assert in_the_list(stores) == {old.token.token_id}


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (TokenPolicy(scopes=frozenset({Scope.ADS})), "token_suspended"),
        (TokenPolicy(longest_days=29), "token_suspended"),
    ],
    ids=["scopes", "life"],
)
def test_a_token_that_breaks_the_policy_cannot_slip_past_it(stores: Stores, policy: TokenPolicy, code: str) -> None:
    old = token(stores)
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=stores)

    with pytest.raises(Conflict) as refused:
        rotation(stores, old.token.token_id)

    assert refused.value.code == code


def test_a_name_that_was_right_when_it_was_given_is_inherited(stores: Stores) -> None:
    old = token(stores, name="Weekly sync")
    policy = TokenPolicy(name_pattern="ci-*")
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=stores)

    assert rotation(stores, old.token.token_id).token.name == "Weekly sync"
