"""Many tokens revoked at once: seen first, then exactly those, whatever dies on the way."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from shared.domain.errors import Invalid, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.state import Status
from shared.domain.workspace.events import Role
from shared.services.revoke_tokens import Preview, Progress, Selection, preview_revocation, revoke_selected
from shared.services.signed import LIFETIME
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, origin, token, workspace

EARLIER = NOON - A_DAY
OF_ADAM = Selection(owner_id="mem_adam")


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores, at=NOON - 100 * A_DAY)
    return stores


def made(
    stores: Stores, owner: str = "adam", *, at: datetime = EARLIER, scopes: tuple[Scope, ...] = (Scope.PNL,)
) -> str:
    return token(stores, owner=owner, at=at, scopes=scopes).token.token_id


def preview(
    stores: Stores,
    selection: Selection,
    *,
    by: str = "olivia",
    workspace_id: str = "wks_1",
    at: datetime = NOON,
) -> Preview:
    return preview_revocation(
        selection,
        workspace_id=workspace_id,
        member=member(stores, by, workspace_id),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
    )


def revoke(
    stores: Stores,
    confirmation: str,
    *,
    reason: str = "laptop stolen",
    by: str = "olivia",
    workspace_id: str = "wks_1",
    at: datetime = NOON,
    at_once: int = 500,
) -> Progress:
    return revoke_selected(
        confirmation,
        reason=reason,
        workspace_id=workspace_id,
        member=member(stores, by, workspace_id),
        origin=origin(f"mem_{by}"),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
        at_once=at_once,
    )


def revoked(stores: Stores, workspace_id: str = "wks_1") -> set[str]:
    page = stores.tokens.of_workspace(workspace_id, limit=1000)
    return {row.token.token_id for row in page.items if row.token.status is Status.REVOKED}


def shown(found: Preview) -> set[str]:
    return {row.token.token_id for row in found.shown}


def test_a_preview_shows_what_would_end_and_changes_nothing(engine: MeddledEngine, stores: Stores) -> None:
    theirs = {made(stores), made(stores)}
    made(stores, "olivia")
    before = engine.changes().last()

    found = preview(stores, OF_ADAM)

    assert (found.count, shown(found)) == (2, theirs)
    assert engine.changes().last() == before


def test_what_was_shown_is_revoked_and_nothing_else(stores: Stores) -> None:
    theirs = {made(stores), made(stores)}
    made(stores, "olivia")

    done = revoke(stores, preview(stores, OF_ADAM).confirmation)

    assert done == Progress(revoked=2, more=False)
    assert revoked(stores) == theirs
    for token_id in theirs:
        event = stores.tokens.history(token_id)[-1]
        assert event.type == "token.revoked"
        assert (event.revoked_by, event.reason) == ("mem_olivia", "laptop stolen")


def test_a_token_is_meant_that_meets_every_criterion(stores: Stores) -> None:
    wide = (Scope.PNL, Scope.ADS)
    meant = made(stores, scopes=wide, at=EARLIER)
    made(stores, "olivia", scopes=wide, at=EARLIER)
    made(stores, scopes=(Scope.PNL,), at=EARLIER)
    made(stores, scopes=wide, at=EARLIER + timedelta(hours=1))

    selection = Selection(owner_id="mem_adam", scope=Scope.ADS, issued_before=EARLIER + timedelta(hours=1))

    assert shown(preview(stores, selection)) == {meant}


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(owner_id="mem_olivia"), 1),
        (Selection(scope=Scope.ADS), 1),
        (Selection(issued_before=EARLIER), 0),
        (Selection(issued_before=EARLIER + timedelta(microseconds=1)), 2),
        (Selection(owner_id="mem_nobody"), 0),
    ],
)
def test_one_criterion_is_enough(stores: Stores, selection: Selection, count: int) -> None:
    made(stores, "olivia")
    made(stores, "adam", scopes=(Scope.ADS,))

    assert preview(stores, selection).count == count


def test_without_a_criterion_everything_would_be_meant_so_nothing_is(stores: Stores) -> None:
    with pytest.raises(Invalid) as refusal:
        preview(stores, Selection())

    assert refusal.value.code == "selection_empty"


def test_tokens_that_are_out_of_use_are_not_meant_and_suspended_ones_are(stores: Stores) -> None:
    over = token(stores, owner="adam", days=30, at=NOON - 30 * A_DAY).token.token_id  # no sweep has said so
    gone = made(stores)
    revoke(stores, preview(stores, OF_ADAM).confirmation)
    here = made(stores)

    found = preview(stores, OF_ADAM)
    revoke(stores, found.confirmation)

    assert shown(found) == {here}
    assert revoked(stores) == {gone, here}
    assert [event.type for event in stores.tokens.history(over)] == ["token.created"]


@pytest.mark.parametrize("issued_before", [None, NOON + 9 * A_DAY])
def test_a_token_made_after_the_preview_is_not_touched(stores: Stores, issued_before: datetime | None) -> None:
    old = made(stores)
    confirmation = preview(stores, Selection(owner_id="mem_adam", issued_before=issued_before)).confirmation
    at_that_moment, later = made(stores, at=NOON), made(stores, at=NOON + timedelta(minutes=1))

    done = revoke(stores, confirmation, at=NOON + timedelta(minutes=2))

    assert done.revoked == 1
    assert revoked(stores) == {old}
    assert {at_that_moment, later}.isdisjoint(revoked(stores))


def test_a_confirmation_is_one_members_in_one_workspace_for_a_while(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"olivia": Role.OWNER}, at=NOON - 100 * A_DAY)
    made(stores)
    confirmation = preview(stores, OF_ADAM).confirmation

    for tried in (
        lambda: revoke(stores, confirmation, by="adam"),
        lambda: revoke(stores, confirmation, workspace_id="wks_2"),
        lambda: revoke(stores, confirmation, at=NOON + LIFETIME),
        lambda: revoke(stores, confirmation[:-1]),
        lambda: revoke(stores, ("B" if confirmation[0] == "A" else "A") + confirmation[1:]),
        lambda: revoke(stores, confirmation[:-4] + ("BBBB" if confirmation[-4:] != "BBBB" else "CCCC")),
        lambda: revoke(stores, ""),
        lambda: revoke(stores, "é\x00"),
    ):
        with pytest.raises(Invalid) as refusal:
            tried()
        assert (refusal.value.code, refusal.value.field) == ("confirmation_invalid", "confirmation")

    assert revoked(stores) == set()


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_reason_is_needed(stores: Stores, reason: str) -> None:
    made(stores)
    confirmation = preview(stores, OF_ADAM).confirmation

    with pytest.raises(Invalid) as refusal:
        revoke(stores, confirmation, reason=reason)

    assert refusal.value.code == "reason_invalid"
    assert revoked(stores) == set()


def test_a_repeat_changes_nothing(engine: MeddledEngine, stores: Stores) -> None:
    made(stores)
    confirmation = preview(stores, OF_ADAM).confirmation
    revoke(stores, confirmation)
    before = engine.changes().last()

    assert revoke(stores, confirmation, reason="again") == Progress(revoked=0, more=False)
    assert engine.changes().last() == before


def test_a_big_one_goes_on_with_each_repeat(stores: Stores) -> None:
    theirs = {made(stores) for _ in range(7)}
    confirmation = preview(stores, OF_ADAM).confirmation

    done = [revoke(stores, confirmation, at_once=3) for _ in range(4)]

    assert [(each.revoked, each.more) for each in done] == [(3, True), (3, True), (1, False), (0, False)]
    assert revoked(stores) == theirs


def test_of_many_the_newest_are_shown_and_all_are_counted(stores: Stores) -> None:
    theirs = {made(stores) for _ in range(103)}

    found = preview(stores, OF_ADAM)

    assert (found.count, len(found.shown)) == (103, 100)
    assert revoke(stores, found.confirmation) == Progress(revoked=103, more=False)
    assert revoked(stores) == theirs


@pytest.mark.parametrize("number", range(4))
def test_a_run_that_died_anywhere_is_finished_by_the_same_request(
    engine: MeddledEngine, stores: Stores, number: int
) -> None:
    theirs = {made(stores) for _ in range(4)}
    confirmation = preview(stores, OF_ADAM).confirmation
    engine.meddle = die_before(write=number)
    with pytest.raises(Killed):
        revoke(stores, confirmation)
    engine.meddle = None
    assert len(revoked(stores)) == number

    assert revoke(stores, confirmation) == Progress(revoked=4 - number, more=False)

    assert revoked(stores) == theirs
    ends = Counter(e.type for token_id in theirs for e in stores.tokens.history(token_id))
    assert ends["token.revoked"] == 4


def test_two_at_once_revoke_each_token_once(engine: MeddledEngine, stores: Stores) -> None:
    theirs = {made(stores) for _ in range(4)}
    confirmation = preview(stores, OF_ADAM).confirmation

    def another_run(number: int) -> None:
        if number == 2:
            revoke(stores, confirmation, reason="the other one")

    engine.meddle = another_run
    revoke(stores, confirmation)

    assert revoked(stores) == theirs
    ends = Counter(e.type for token_id in theirs for e in stores.tokens.history(token_id))
    assert ends["token.revoked"] == 4


def test_analysts_revoke_nothing_and_admins_do(stores: Stores) -> None:
    made(stores, "olivia")
    mine = Selection(owner_id="mem_olivia")

    with pytest.raises(NotPermitted):
        preview(stores, mine, by="ana")
    with pytest.raises(NotPermitted):
        revoke(stores, preview(stores, mine).confirmation, by="ana")
    assert revoke(stores, preview(stores, mine, by="adam").confirmation, by="adam").revoked == 1


def test_another_tenants_tokens_are_not_meant(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"oscar": Role.OWNER}, at=NOON - 100 * A_DAY)
    made(stores)
    everything = Selection(issued_before=NOON)

    done = revoke(
        stores,
        preview(stores, everything, by="oscar", workspace_id="wks_2").confirmation,
        by="oscar",
        workspace_id="wks_2",
    )

    assert done.revoked == 0
    assert revoked(stores) == set()


def test_tokens_can_be_meant_by_their_ids_and_a_confirmation_is_for_exactly_those(stores: Stores) -> None:
    first, second, third = made(stores), made(stores, "olivia"), made(stores)

    found = preview(stores, Selection(token_ids=frozenset({first, second})))
    done = revoke(stores, found.confirmation)

    assert (found.count, shown(found)) == (2, {first, second})
    assert done == Progress(revoked=2, more=False)
    assert revoked(stores) == {first, second}
    assert third not in revoked(stores)


def test_ids_are_a_criterion_beside_the_others_and_know_no_other_workspace(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"oscar": Role.OWNER}, at=NOON - 100 * A_DAY)
    ours, theirs = made(stores), made(stores, "olivia")
    foreign = token(stores, owner="oscar", workspace_id="wks_2", at=EARLIER).token.token_id

    found = preview(stores, Selection(owner_id="mem_adam", token_ids=frozenset({ours, theirs, foreign})))

    assert shown(found) == {ours}
