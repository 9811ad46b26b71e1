"""What the projector makes of uses: twice, late, in another order or killed half way, it comes to the same."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from shared.domain.scopes import Scope
from shared.services.create_token import NewToken
from shared.services.follow_use import UseFollower
from shared.storage.contracts.evidence import Evidence
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.contracts.uses import Called
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine
from tests.data.tenants import A_DAY, NOON, rotation, token, workspace
from tests.services.lived import Interrupted, Lived, Record, die, follower_of, swept, take
from tests.services.place import let_in, send, settle

A_MINUTE = timedelta(minutes=1)
FLAGGED_ON = NOON + 14 * A_DAY
THEN = FLAGGED_ON + A_DAY


@pytest.fixture
def lived() -> Lived:
    lived = Lived()
    workspace(lived.stores)
    return lived


def call(lived: Lived, made: NewToken, at: datetime) -> None:
    """Call a tool, while the projector is behind."""
    assert settle(lived.gate, let_in(send(lived.gate, made.text, at=at)), at=at) is None


# --- one after the other --------------------------------------------------------------------------------------------


def test_calls_are_noted_by_day_and_scope(lived: Lived) -> None:
    made = token(lived.stores, days=90)

    lived.call(made, NOON, NOON + A_MINUTE, NOON + A_DAY)

    assert lived.stores.evidence.of(made.token.token_id) == Evidence(
        days=(date(2026, 11, 21), date(2026, 11, 22)), scopes={"mcp:pnl:read": date(2026, 11, 22)}
    )


def test_a_busy_token_costs_one_read_and_one_write_a_day(lived: Lived) -> None:
    made = token(lived.stores, days=90)
    lived.stream()
    for minutes in range(25):
        call(lived, made, NOON + minutes * A_MINUTE)
    before = Counter(lived.engine.operations)

    lived.stream()

    assert lived.engine.operations - before == {"get": 1, "update": 1}


def test_what_could_not_be_written_is_not_remembered_as_noted(lived: Lived) -> None:
    class Down:
        """A store that is out of reach, once."""

        times = 1

        def of(self, token_id: str) -> Evidence:
            return lived.stores.evidence.of(token_id)

        def of_many(self, token_ids: Collection[str]) -> Mapping[str, Evidence]:
            return lived.stores.evidence.of_many(token_ids)

        def note(self, token_id: str, day: date, *, scope: str | None) -> None:
            if self.times:
                self.times -= 1
                raise StoreUnavailable
            lived.stores.evidence.note(token_id, day, scope=scope)

    follower = UseFollower(tokens=lived.stores.tokens, evidence=Down())
    seen = Called(token_id="tok_1", day=NOON.date(), scope=Scope.PNL)
    with pytest.raises(StoreUnavailable):
        follower.follow(seen)

    follower.follow(seen)

    assert lived.stores.evidence.of("tok_1").days == (NOON.date(),)


def test_a_use_that_nobody_waits_for_wakes_no_token(lived: Lived) -> None:
    made = token(lived.stores, days=90)
    due_at = lived.row(made.token.token_id).due_at

    lived.call(made, NOON)

    assert lived.row(made.token.token_id).due_at == due_at


def test_the_first_use_of_a_successor_is_due_at_once_and_leads_to_no_change_without_end(lived: Lived) -> None:
    first = token(lived.stores, days=90)
    second = rotation(lived.stores, first.token.token_id)
    call(lived, second, NOON + A_MINUTE)

    take(lived.new_records(), lived.follower)
    of_waking = lived.new_records()
    take(of_waking, lived.follower)

    row = lived.row(second.token.token_id)
    assert (row.first_used_at, row.due_at) == (NOON + A_MINUTE, NOON + A_MINUTE)
    assert of_waking
    assert lived.new_records() == []


def test_a_use_between_the_look_of_the_sweep_and_its_flag_takes_the_flag_away() -> None:
    engine = MeddledEngine()
    lived = Lived(engine=engine)
    workspace(lived.stores)
    made = token(lived.stores, days=90)
    just_before = FLAGGED_ON - timedelta(seconds=1)
    engine.meddle = lambda number: call(lived, made, just_before) if number == 0 else None
    lived.sweep(FLAGGED_ON)
    engine.meddle = None
    assert lived.row(made.token.token_id).token.flagged_at == FLAGGED_ON

    lived.stream()
    lived.sweep(FLAGGED_ON + A_MINUTE)

    assert lived.types(made.token.token_id)[-1] == "token.abandonment_cleared"


# --- in any way -----------------------------------------------------------------------------------------------------


CALLS = 3 * 2 + 5 * 2 + 2
"""To the store: evidence of three tokens is read and written, five uses wake a token by two writes, two are noted."""
Shop = tuple[Path, int, list[str]]
"""A store in a file, up to which change the projector has taken it, and the tokens that were used since."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Give a store in which uses of every kind wait for the projector."""
    path = tmp_path_factory.mktemp("shop") / "store.db"
    engine = SqliteEngine(path)
    lived = Lived(engine=engine)
    workspace(lived.stores)
    workspace(lived.stores, "wks_2", plan="alpha")
    busy = token(lived.stores, days=90)
    silent = token(lived.stores, days=90)
    shared = token(lived.stores, workspace_id="wks_2", days=90)
    lived.call(busy, NOON)
    lived.sweep(FLAGGED_ON)
    successor = rotation(lived.stores, busy.token.token_id, at=FLAGGED_ON)
    lived.stream()
    for number, made in enumerate((successor, silent, shared, successor, silent, shared, successor)):
        call(lived, made, THEN + number * A_MINUTE)
    engine.close()
    return path, lived.taken_to, [made.token.token_id for made in (busy, silent, shared, successor)]


def opened(shop: Shop, folder: Path) -> Lived:
    """Give a copy of the store."""
    path, taken_to, _ = shop
    return Lived(engine=SqliteEngine(shutil.copy(path, folder / "copy.db")), taken_to=taken_to)


def known_of(lived: Lived, shop: Shop) -> dict[str, object]:
    """Give all that came of the uses of each token, the next sweep included."""
    swept(lived.stores, THEN + A_DAY)
    return {
        token_id: (
            lived.row(token_id).last_used_at,
            lived.row(token_id).token.adopted_at,
            lived.stores.evidence.of(token_id),
            lived.types(token_id),
        )
        for token_id in shop[2]
    }


@pytest.fixture(scope="module")
def expected(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Give what comes of it when nothing goes wrong."""
    lived = opened(shop, tmp_path_factory.mktemp("expected"))
    lived.stream()
    known = known_of(lived, shop)
    _, silent, shared, successor = shop[2]
    assert lived.types(successor) == ["token.created", "token.rotation_adopted"]
    assert lived.row(successor).token.adopted_at == THEN
    for each in (silent, shared):
        assert lived.types(each) == ["token.created", "token.abandonment_flagged", "token.abandonment_cleared"]
    lived.engine.close()
    return known


def follow_all(lived: Lived, records: list[Record]) -> None:
    take(records, lived.follower)
    lived.stream()


def test_changes_that_come_twice_change_nothing(shop: Shop, expected: dict[str, object], tmp_path: Path) -> None:
    lived = opened(shop, tmp_path)
    records = lived.new_records()

    follow_all(lived, [*records, *records])
    take(records, follower_of(lived.engine))

    assert known_of(lived, shop) == expected


def test_changes_of_different_rows_may_come_in_any_order(
    shop: Shop, expected: dict[str, object], tmp_path: Path
) -> None:
    for seed in range(10):
        folder = tmp_path / str(seed)
        folder.mkdir()
        lived = opened(shop, folder)
        records = lived.new_records()
        mixed = in_another_order(records, random.Random(seed))
        assert mixed != records

        follow_all(lived, mixed)

        assert known_of(lived, shop) == expected
        lived.engine.close()


def in_another_order(records: list[Record], chance: random.Random) -> list[Record]:
    """Mix changes as shards do: what concerns one row stays in order."""
    rows: dict[str, list[Record]] = {}
    for record in records:
        rows.setdefault(str(record["dynamodb"]["Keys"]), []).append(record)
    order = [key for key, changes in rows.items() for _ in changes]
    chance.shuffle(order)
    return [rows[key].pop(0) for key in order]


def test_a_projector_that_dies_before_any_of_its_calls_loses_nothing(
    shop: Shop, expected: dict[str, object], tmp_path: Path
) -> None:
    died = 0
    for number in range(1000):
        folder = tmp_path / str(number)
        folder.mkdir()
        lived = opened(shop, folder)
        records = lived.new_records()
        mortal = Interrupted(of=lived.engine, at=number, by=die)
        with suppress(Killed):
            take(records, follower_of(mortal))
        if mortal.calls <= number:
            break
        died += 1

        follow_all(lived, records)  # Lambda delivers the batch again, to another container

        assert known_of(lived, shop) == expected, f"killed before call {number}"
        lived.engine.close()
    assert died == CALLS
