"""A rotation whose answer was lost: whatever is repeated, one successor lives and no secret is shown twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Conflict, Invalid, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.rotation import AlreadyRotated
from shared.domain.workspace.commands import ChangePlan
from shared.services.credentials.secret_hash import secret_matches
from shared.services.credentials.token_format import read_token
from shared.services.make_once import Made
from shared.services.manage_tokens import revoke_token
from shared.services.rotate_token import WantedRotation
from shared.storage.contracts.audit import AuditFilter
from tests.data.stores import memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin, rotation, token, workspace
from tests.services.scene import Attempt, Scene, Trouble, rotate

EXAMPLES = settings().max_examples // 2  # each hashes two or three secrets


who = st.sampled_from(["member", "token"])
keys = st.sampled_from([None, "key-1", "key-2"])
troubles = st.builds(
    Trouble,
    write=st.integers(0, 1),
    kind=st.sampled_from(["dies", "unheard", "overtaken"]),
    other=st.tuples(who, keys),
)
attempts = st.builds(Attempt, by=who, key=keys, trouble=st.none() | troubles)


@settings(max_examples=EXAMPLES)
@given(st.lists(attempts, max_size=4))
def test_however_requests_are_repeated_die_or_meet_one_successor_lives_and_each_secret_is_shown_once(
    story: list[Attempt],
) -> None:
    scene = Scene()

    for attempt in [*story, Attempt(by="member", key="the last, undisturbed")]:
        scene.attempt(attempt)

    (successor,) = scene.successors()
    assert len(scene.shown) <= 1
    row = scene.stores.tokens.get(successor)
    assert row is not None
    assert row.token.lives_at(NOON)
    for text in scene.shown:
        read = read_token(text, KEYS)
        assert read is not None
        assert read.token_id == successor
        assert secret_matches(read.secret, row.credential.digest)
    rotations = scene.stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"token.rotated"})), limit=9, now=NOON
    )
    assert len(rotations.items) == 1


@pytest.mark.parametrize("by", ["member", "token"])
def test_a_process_that_died_between_claim_and_rotation_is_made_good_by_the_repeat(by: str) -> None:
    scene = Scene()
    scene.attempt(Attempt(by=by, key="key-1", trouble=Trouble(write=1, kind="dies")))
    assert (scene.successors(), scene.shown) == ([], [])

    repeat = scene.ask(by, "key-1")

    assert repeat.text is not None  # nobody has seen it
    assert scene.successors() == [repeat.token.token_id]


@pytest.mark.parametrize("by", ["member", "token"])
def test_a_rotation_that_was_not_heard_of_is_met_by_the_repeat_without_its_secret(by: str) -> None:
    scene = Scene()
    scene.attempt(Attempt(by=by, key="key-1", trouble=Trouble(write=1, kind="unheard")))

    repeat = scene.ask(by, "key-1")

    assert (repeat.text, scene.successors()) == (None, [repeat.token.token_id])


def test_without_a_key_the_repeat_is_told_which_successor_lives() -> None:
    scene = Scene()
    scene.attempt(Attempt(by="member", key=None, trouble=Trouble(write=0, kind="unheard")))

    with pytest.raises(AlreadyRotated) as refused:
        scene.ask("member", None)

    assert scene.successors() == [refused.value.successor_id]


def test_whoever_lost_the_secret_of_a_successor_rotates_the_successor() -> None:
    scene = Scene()
    scene.attempt(Attempt(by="token", key="key-1", trouble=Trouble(write=1, kind="unheard")))
    (lost,) = scene.successors()

    made = rotate(scene.stores, lost, "member", "key-2", WantedRotation(overlap_seconds=0))

    row = scene.stores.tokens.get(lost)
    assert row is not None
    assert made.text is not None
    assert not row.token.lives_at(NOON)
    assert made.token.predecessor_id == lost


def test_the_repeat_of_an_old_request_does_not_bring_back_a_successor_that_ended() -> None:
    scene = Scene()
    first = scene.ask("member", "key-1")
    revoke_token(
        first.token.token_id,
        reason="lost",
        workspace_id="wks_1",
        member=member(scene.stores),
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=scene.stores.tokens,
    )

    repeat = scene.ask("member", "key-1")
    other = scene.ask("member", "key-2")

    assert (repeat.text, repeat.token.token_id, repeat.token.status) == (None, first.token.token_id, "revoked")
    assert other.text is not None
    assert other.token.token_id != first.token.token_id


@pytest.mark.parametrize(
    "wanted",
    [
        WantedRotation(overlap_seconds=0),
        WantedRotation(overlap_seconds=86_400, scopes=frozenset({Scope.PNL})),
        WantedRotation(overlap_seconds=86_400, narrow_to_used=True),
    ],
    ids=["overlap", "scopes", "narrow"],
)
def test_a_key_that_was_used_for_another_rotation_is_refused(wanted: WantedRotation) -> None:
    scene = Scene()
    scene.ask("member", "key-1")

    with pytest.raises(Invalid) as refused:
        scene.ask("member", "key-1", wanted)

    assert refused.value.code == "idempotency_key_reused"


def test_a_key_of_one_token_is_none_for_another() -> None:
    scene = Scene()
    other = token(scene.stores).token
    scene.ask("member", "key-1")

    with pytest.raises(Invalid) as refused:
        rotate(scene.stores, other.token_id, "member", "key-1")

    assert refused.value.code == "idempotency_key_reused"


def test_a_key_of_the_owner_is_not_the_one_of_the_token() -> None:
    scene = Scene()
    made = scene.ask("member", "key-1")

    with pytest.raises(AlreadyRotated) as refused:
        scene.ask("token", "key-1")

    assert refused.value.successor_id == made.token.token_id


def test_of_many_requests_with_one_key_at_once_one_shows_the_secret() -> None:
    stores = memory_stores()
    workspace(stores)
    old = token(stores).token

    def ask() -> Made:
        return rotate(stores, old.token_id, "member", "key-1")

    with ThreadPoolExecutor(8) as containers:
        answers = [done.result() for done in [containers.submit(ask) for _ in range(24)]]

    assert len([answer for answer in answers if answer.text is not None]) == 1
    assert len({answer.token.token_id for answer in answers}) == 1


def test_a_repeat_that_would_be_refused_by_now_gives_what_was_made() -> None:
    """Narrowing asks for evidence only where a successor is to be made."""
    scene = Scene()
    scene.stores.evidence.note(scene.old.token_id, NOON.date(), scope=Scope.PNL)
    narrow = WantedRotation(overlap_seconds=86_400, narrow_to_used=True)
    first = scene.ask("member", "key-1", narrow)
    order(ChangePlan(plan="starter", at=NOON), stores=scene.stores)

    assert scene.ask("member", "key-1", narrow).token.token_id == first.token.token_id


@pytest.mark.parametrize("by", ["member", "token"])
def test_a_rotation_that_was_refused_has_used_up_no_key(by: str) -> None:
    scene = Scene()
    for refused, error in (
        (WantedRotation(overlap_seconds=-1), Invalid),
        (WantedRotation(overlap_seconds=0, narrow_to_used=True), Conflict),
    ):
        with pytest.raises(error):
            scene.ask(by, "key-1", refused)

    assert scene.ask(by, "key-1").text is not None


# --- who may ------------------------------------------------------------------------------------------------------


def test_a_personal_token_is_rotated_by_its_owner_only() -> None:
    """The answer shows a secret that acts for the owner, so an admin or another owner must not get it."""
    scene = Scene()

    with pytest.raises(NotPermitted) as refused:
        scene.ask("adam", None)

    assert refused.value.code == "owner_required"
    assert scene.successors() == []


@pytest.mark.parametrize("by", ["olivia", "adam"])
def test_a_token_of_the_organization_is_rotated_by_any_owner_or_admin(by: str) -> None:
    scene = Scene()
    order(ChangePlan(plan="alpha", at=NOON), stores=scene.stores)
    made = token(scene.stores, owner="olivia", kind=TokenKind.ORGANIZATION, days=None)

    assert rotate(scene.stores, made.token.token_id, by, None).text is not None


# --- scopes -------------------------------------------------------------------------------------------------------


def test_a_successor_may_read_less() -> None:
    stores = memory_stores()
    workspace(stores)
    old = token(stores, scopes=(Scope.PNL, Scope.ADS, Scope.PRODUCTS))

    new = rotation(stores, old.token.token_id, scopes=(Scope.ADS,))

    assert new.token.scopes == {Scope.ADS}


def test_a_narrower_successor_has_the_scopes_that_were_used() -> None:
    stores = memory_stores()
    workspace(stores)
    old = token(stores, scopes=(Scope.PNL, Scope.ADS, Scope.PRODUCTS))
    for scope in (Scope.PNL, Scope.ADS):
        stores.evidence.note(old.token.token_id, NOON.date(), scope=scope)

    new = rotation(stores, old.token.token_id, narrow=True)

    assert new.token.scopes == {Scope.PNL, Scope.ADS}


def test_a_token_that_used_nothing_cannot_be_narrowed() -> None:
    stores = memory_stores()
    workspace(stores)
    old = token(stores, at=NOON - A_DAY)
    stores.evidence.note(old.token.token_id, NOON.date(), scope=None)

    with pytest.raises(Conflict) as refused:
        rotation(stores, old.token.token_id, narrow=True)

    assert refused.value.code == "scopes_unused"
    assert "Name the scopes" in refused.value.hint
