"""What every engine promises about the evidence of use: notes add up, whoever writes them and in whichever order."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.storage.contracts.evidence import Evidence
from shared.storage.engine import Engine
from tests.data.examples import store_token, store_workspace
from tests.data.faults import RepeatsWrites
from tests.data.stores import Stores
from tests.storage.changes import again
from tests.storage.places import WRITERS, Place, all_at_once

TODAY = date(2026, 11, 21)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_nothing_is_known_of_a_token_that_was_never_used(stores: Stores) -> None:
    assert stores.evidence.of("tok1") == Evidence()


def test_days_and_scopes_add_up(stores: Stores) -> None:
    stores.evidence.note("tok1", ago(2), scope=Scope.PNL)
    stores.evidence.note("tok1", ago(1), scope=None)
    stores.evidence.note("tok1", TODAY, scope=Scope.ADS)
    stores.evidence.note("tok2", TODAY, scope=Scope.CUSTOMERS)

    assert stores.evidence.of("tok1") == Evidence(
        days=(ago(2), ago(1), TODAY), scopes={"mcp:pnl:read": ago(2), "mcp:ads:read": TODAY}
    )


def test_late_records_do_no_harm(stores: Stores) -> None:
    stores.evidence.note("tok1", TODAY, scope=Scope.PNL)
    stores.evidence.note("tok1", ago(3), scope=Scope.PNL)

    assert stores.evidence.of("tok1") == Evidence(days=(ago(3), TODAY), scopes={"mcp:pnl:read": TODAY})


def test_a_second_use_on_a_day_is_read_and_not_written(engine: Engine, stores: Stores) -> None:
    for scope in (Scope.PNL, Scope.ADS, None):
        stores.evidence.note("tok1", TODAY, scope=scope)
    before = Counter(engine.operations)

    for _ in range(20):
        for scope in (Scope.PNL, Scope.ADS, None):
            stores.evidence.note("tok1", TODAY, scope=scope)

    assert engine.operations - before == {"get": 60}


def test_days_drop_out_when_no_habit_reaches_back_to_them_and_scopes_stay(stores: Stores) -> None:
    stores.evidence.note("tok1", ago(181), scope=Scope.ADS)
    stores.evidence.note("tok1", ago(180), scope=None)
    assert stores.evidence.of("tok1").days == (ago(181), ago(180))

    stores.evidence.note("tok1", TODAY, scope=Scope.PNL)
    stores.evidence.note("tok1", ago(200), scope=None)

    assert stores.evidence.of("tok1") == Evidence(
        days=(ago(180), TODAY), scopes={"mcp:ads:read": ago(181), "mcp:pnl:read": TODAY}
    )


def test_notes_made_at_once_lose_nothing(place: Place, stores: Stores) -> None:
    scopes = sorted(Scope)

    def note(stores: Stores, writer: int) -> None:
        stores.evidence.note("tok1", ago(writer), scope=scopes[writer % len(scopes)])

    all_at_once(place, lambda engine, writer: note(Stores.over(engine), writer))

    assert stores.evidence.of("tok1") == Evidence(
        days=tuple(ago(n) for n in reversed(range(WRITERS))), scopes={scope: ago(n) for n, scope in enumerate(scopes)}
    )


def test_a_note_whose_answer_was_lost_counts_once(place: Place, stores: Stores) -> None:
    twice = Stores.over(RepeatsWrites(place.engine()))

    twice.evidence.note("tok1", TODAY, scope=Scope.PNL)
    twice.evidence.note("tok1", ago(1), scope=None)

    assert stores.evidence.of("tok1") == Evidence(days=(ago(1), TODAY), scopes={"mcp:pnl:read": TODAY})


def test_evidence_is_no_part_of_the_token_and_of_its_history(stores: Stores) -> None:
    store_workspace(stores)
    row = store_token(stores)
    history = stores.tokens.history("tok1")

    stores.evidence.note("tok1", TODAY, scope=Scope.PNL)

    assert again(stores) == row
    assert stores.tokens.history("tok1") == history


notes = st.lists(st.tuples(st.integers(0, 400).map(ago), st.none() | st.sampled_from(Scope)), min_size=1, max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(noted=notes)
def test_the_order_of_the_notes_makes_no_difference(stores: Stores, noted: list[tuple[date, Scope | None]]) -> None:
    token_id = f"tok-{uuid4().hex}"
    for day, scope in noted:
        stores.evidence.note(token_id, day, scope=scope)

    newest = max(day for day, _ in noted)
    days = sorted({day for day, _ in noted if day >= newest - timedelta(days=180)})
    scopes = {str(scope): max(day for day, each in noted if each is scope) for _, scope in noted if scope}
    assert stores.evidence.of(token_id) == Evidence(days=tuple(days), scopes=scopes)


def test_of_many_those_are_read_that_were_used(stores: Stores) -> None:
    stores.evidence.note("tok1", TODAY, scope=Scope.PNL)
    stores.evidence.note("tok2", ago(1), scope=None)

    assert stores.evidence.of_many(["tok2", "tok3", "tok1"]) == {
        "tok1": Evidence(days=(TODAY,), scopes={"mcp:pnl:read": TODAY}),
        "tok2": Evidence(days=(ago(1),)),
    }
    assert stores.evidence.of_many([]) == {}
