"""One run of the sweep: what it finds, what it costs, and what it leaves to the next."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangeMemberRole
from shared.domain.workspace.events import Role
from shared.services.credentials.seal import is_sealed
from shared.services.manage_tokens import revoke_token
from shared.services.sweep import Swept, sweep
from shared.storage.contracts.audit import AuditFilter
from shared.storage.engine import Table, Update, Value
from shared.storage.rows.token_row import token_key
from shared.storage.rows.tokens import StoredTokens
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.examples import store_token, store_workspace
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, member, order, origin, token, workspace

END = NOON + 30 * A_DAY


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores)
    return stores


def run(
    stores: Stores, *, now: datetime = END, batch: int = 500, meter: Callable[[timedelta], None] = lambda _: None
) -> Swept:
    return sweep(
        now=now,
        request_id="sweep-1",
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        evidence=stores.evidence,
        batch=batch,
        meter=meter,
    )


def use(stores: Stores, token_id: str) -> None:
    stores.tokens.note_use(token_id, END - timedelta(seconds=1))


def status(stores: Stores, token_id: str) -> Status:
    row = stores.tokens.get(token_id)
    assert row is not None
    assert is_sealed(row, KEYS)
    return row.token.status


def revoke(stores: Stores, token_id: str) -> None:
    revoke_token(
        token_id,
        reason="over",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin(),
        now=END - timedelta(microseconds=1),
        keys=KEYS,
        tokens=stores.tokens,
    )


def expiries(stores: Stores) -> list[str]:
    page = stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"token.expired"})), limit=1000, now=END + 9 * A_DAY
    )
    return sorted(entry.stream.removeprefix("token:") for entry in page.items)


def test_what_is_due_is_expired_and_nothing_else(stores: Stores) -> None:
    due = token(stores, days=30).token.token_id
    younger = token(stores, days=30, at=NOON + timedelta(microseconds=1)).token.token_id
    use(stores, younger)
    longer = token(stores, days=365, at=END).token.token_id
    revoked = token(stores, days=30).token.token_id
    revoke(stores, revoked)

    assert run(stores).happened == {"token.expired": 1, "token.expiry_reminded": 1}

    assert [status(stores, each) for each in (due, younger, longer, revoked)] == [
        Status.EXPIRED,
        Status.ACTIVE,
        Status.ACTIVE,
        Status.REVOKED,
    ]


def test_an_expiry_is_in_the_trail_once_and_says_who_recorded_it(stores: Stores) -> None:
    made = token(stores, days=30).token

    for _ in range(3):
        run(stores, now=END + A_DAY)

    (entry,) = stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"token.expired"})), limit=9, now=END + 2 * A_DAY
    ).items
    assert (entry.stream, entry.origin.actor, entry.origin.request_id) == (
        f"token:{made.token_id}",
        "system:sweeper",
        "sweep-1",
    )


def test_a_run_does_so_much_and_says_that_there_is_more(stores: Stores) -> None:
    for _ in range(10):
        token(stores, days=30)

    runs = [run(stores, batch=4) for _ in range(4)]

    assert [(swept.happened.get("token.expired", 0), swept.more) for swept in runs] == [
        (4, True),
        (4, True),
        (2, False),
        (0, False),
    ]


def test_nothing_that_is_due_is_forgotten_however_long_nobody_looked(stores: Stores) -> None:
    old = token(stores, days=30, at=NOON - 300 * A_DAY).token.token_id

    run(stores)

    assert status(stores, old) is Status.EXPIRED


def test_a_run_that_dies_anywhere_is_finished_by_the_next(engine: MeddledEngine, stores: Stores) -> None:
    made = sorted(token(stores, days=30).token.token_id for _ in range(4))

    deaths = 0
    for _ in made:
        engine.meddle = die_before(write=1)  # each run gets one token done
        try:
            run(stores)
        except Killed:
            deaths += 1
    engine.meddle = None

    assert deaths == 3
    assert expiries(stores) == made


def test_two_runs_at_once_record_each_expiry_once(engine: MeddledEngine, stores: Stores) -> None:
    made = sorted(token(stores, days=30).token.token_id for _ in range(4))

    def another_run(number: int) -> None:
        if number == 1:
            run(stores)

    engine.meddle = another_run
    swept = run(stores)

    assert swept.happened == {"token.expired": 1}  # the other three were the other run's
    assert expiries(stores) == made


def test_a_run_tells_how_long_the_earliest_of_what_it_found_had_been_due(stores: Stores) -> None:
    lags: list[timedelta] = []
    for late in (timedelta(minutes=3), timedelta(minutes=40), timedelta()):
        token(stores, days=30, at=NOON - late)
    run(stores, now=END - A_DAY)  # what was due before
    run(stores, now=END, meter=lags.append)
    run(stores, now=END, meter=lags.append)

    assert lags == [timedelta(minutes=40), timedelta()]


def test_a_token_that_is_revoked_at_the_same_moment_stays_revoked(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores, days=30).token.token_id

    def revoke_first(number: int) -> None:
        if number == 0:
            revoke(stores, made)

    engine.meddle = revoke_first

    assert run(stores) == Swept(due=1, happened={}, fenced=0, more=False)
    assert status(stores, made) is Status.REVOKED
    assert expiries(stores) == []


def test_a_run_costs_what_is_due_and_not_what_there_is(engine: MeddledEngine, stores: Stores) -> None:
    """Ten tokens are due: among a hundred, and among a thousand."""
    store_workspace(stores)
    spent: list[Counter[str]] = []
    for there_are, batch_of in ((100, "a"), (1_000, "b")):
        for number in range(there_are - 10):
            store_token(stores, token_id=f"{batch_of}{number}", expires_at=END + 60 * A_DAY)
        for number in range(10):
            store_token(stores, token_id=f"{batch_of}due{number}", expires_at=NOON + A_DAY)
        before = Counter(engine.operations)
        swept = run(stores, now=NOON + A_DAY)
        spent.append(engine.operations - before)
        assert swept == Swept(due=10, happened={"token.expired": 10}, fenced=0, more=False)

    # Of the index: the workspaces, then four parts, and these again to see that nothing is left. Of each token that is
    # due: its row and its evidence, and one transaction; of their workspace: its policy.
    assert spent == [Counter({"query": 1 + 4 + 4, "get": 10 * 2 + 1, "transact": 10})] * 2


def test_a_place_in_the_index_that_is_out_of_date_leads_to_nothing(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores, days=90).token.token_id
    before = Counter(engine.operations)

    class Lagging(StoredTokens):
        """Names a token that is not due, as the index may for a moment."""

        def due(self, now: datetime, *, limit: int) -> tuple[str, ...]:  # noqa: ARG002 - whenever it is asked
            return (made, "tok_gone")

    swept = run(replace(stores, tokens=Lagging(engine)), now=NOON + A_DAY)

    assert swept == Swept(due=2, happened={}, fenced=0, more=False)
    assert set(engine.operations - before) == {"query", "get"}


@pytest.mark.parametrize(
    "unknown", [{"scopes": ["mcp:retired:read"]}, {"kind": "robot"}, {"version": "many"}, {"created_at": "yesterday"}]
)
def test_a_row_that_cannot_be_read_rests_for_a_day_and_keeps_nobody_waiting(
    engine: MeddledEngine, stores: Stores, unknown: dict[str, Value]
) -> None:
    """A newer program wrote it, before it was rolled back; or somebody else did."""
    strange = token(stores, days=30).token.token_id
    others = [token(stores, days=30).token.token_id for _ in range(3)]
    engine.write(Update(table=Table.CORE, key=token_key(strange), set=unknown))

    assert run(stores).happened["token.expired"] == len(others)
    assert stores.tokens.due(END + A_DAY - timedelta(seconds=1), limit=9) == ()
    assert stores.tokens.due(END + A_DAY, limit=9) == (strange,)


def test_a_row_that_cannot_be_read_keeps_no_other_from_obeying_its_workspace(
    engine: MeddledEngine, stores: Stores
) -> None:
    made = [token(stores, owner="adam", days=30).token.token_id for _ in range(3)]
    engine.write(Update(table=Table.CORE, key=token_key(made[1]), set={"kind": "robot"}))

    order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), stores=stores)

    assert [status(stores, each) for each in (made[0], made[2])] == [Status.REVOKED, Status.REVOKED]


def test_a_damaged_row_rests_for_a_day_and_keeps_nobody_waiting(engine: MeddledEngine, stores: Stores) -> None:
    damaged = token(stores, days=90).token.token_id
    engine.write(Update(table=Table.CORE, key=token_key(damaged), set={"scopes": [*Scope]}))
    whole = token(stores, days=90).token.token_id

    first, again, next_day = (run(stores, now=END + hours * timedelta(hours=1)) for hours in (0, 1, 24))

    assert (first.due, again.due, next_day.due) == (2, 0, 1)
    assert [event.type for event in stores.tokens.history(damaged)] == ["token.created"]
    assert [event.type for event in stores.tokens.history(whole)] == ["token.created", "token.abandonment_flagged"]


def test_a_damaged_row_ends_at_its_time_all_the_same(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores, days=30).token.token_id
    engine.write(Update(table=Table.CORE, key=token_key(made), set={"scopes": [*Scope]}))

    run(stores)

    assert [event.type for event in stores.tokens.history(made)] == ["token.created", "token.expired"]


def test_a_run_reports_what_it_did(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    token(stores, days=30)

    run(stores)

    (record,) = [record for record in caplog.records if record.message == "swept"]
    assert (vars(record)["due"], vars(record)["token.expired"]) == (1, 1)
