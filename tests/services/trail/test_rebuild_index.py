"""The index is made anew: byte for byte what it was, whatever befell it, and whatever goes on meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.services.trail.archive import archive_key
from shared.services.trail.rebuild_index import Rebuilt, rebuild_index
from shared.storage.contracts.seals import SealLost
from shared.storage.engine import Delete, Engine, Item, Key, Put, Table, Update
from shared.storage.rows.seals import StoredSeals
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine
from tests.data.examples import NOON, tool_called
from tests.services.lived import Interrupted, die
from tests.services.trail.sealing import A_MINUTE, KeysByName, Sealing

INDEX = "W#ws1#TRAIL"
SEALS = 6
Damage = Callable[[SqliteEngine], None]


class Life:
    """A trail that is sealed minute by minute, two days of it and some rows that come late, and folded."""

    def __init__(self, engine: SqliteEngine | None = None) -> None:
        self.engine = engine or SqliteEngine()
        self.sealing = Sealing.over(self.engine, people=KeysByName())
        self.minutes = 0
        for _ in range(SEALS):
            self.go_on()

    def go_on(self, *, folded: bool = True) -> None:
        """Have another minute sealed, and folded if somebody comes to it."""
        self.minutes += 1
        now = NOON + self.minutes * A_MINUTE
        late = now - timedelta(hours=13 * (self.minutes % 3))
        self.sealing.record(
            tool_called(number=2 * self.minutes, at=now),
            tool_called(number=2 * self.minutes + 1, token_id=f"tok{self.minutes % 2}", at=late),
            now=now,
        )
        self.sealing.run(now + A_MINUTE)
        if folded:
            self.sealing.fold()

    def rebuild(self, engine: Engine | None = None) -> Rebuilt:
        return rebuild_index(
            "ws1",
            seals=StoredSeals(engine or self.engine),
            index=StoredTrailIndex(engine or self.engine),
            archive=self.sealing.archive,
            scratch=StoredTrailIndex(SqliteEngine()),
            progress=lambda _, __: None,
        )

    @property
    def folds(self) -> Sequence[Item]:
        return self.engine.query(Table.CORE, INDEX).items


def undamaged(minutes: int) -> Sequence[Item]:
    """Give the index of a life that nothing befell."""
    life = Life()
    while life.minutes < minutes:
        life.go_on()
    return life.folds


def places(engine: SqliteEngine) -> list[Key]:
    return [Key(INDEX, str(item["sk"])) for item in engine.query(Table.CORE, INDEX).items]


def lose(engine: SqliteEngine) -> None:
    for key in places(engine):
        engine.write(Delete(table=Table.CORE, key=key))


def alter(engine: SqliteEngine) -> None:
    """Change documents in ways of which each has another reason to be overlooked."""
    for number, key in enumerate(places(engine)):
        item = engine.get(Table.CORE, key)
        if item is None or not isinstance(through := item.get("through"), int):
            continue
        doc = str(item["doc"])
        changes: list[dict[str, object]] = [
            {"doc": doc.replace("1", "2")},
            {"through": through - 1},
            {"through": through + 1},
            {"through": 10**9},
            {"doc": "no JSON"},
            {"through": "many"},
            {"doc": json.dumps(json.loads(doc), indent=1)},
            {"more": "than there was"},
        ]
        change = changes[number % len(changes)]
        engine.write(Update(table=Table.CORE, key=key, set=change))  # pyright: ignore[reportArgumentType] - as above


def add(engine: SqliteEngine) -> None:
    some: Item = {"pk": INDEX, "sk": "", "through": 2, "doc": "{}"}
    for place in ("DAY#2026-01-01", "HOUR#2026-11-21#07", "USE#2026-11-21#tok9", "what is that", "~"):
        engine.write(Put(table=Table.CORE, item={**some, "sk": place}))
    engine.write(Put(table=Table.CORE, item={"pk": INDEX, "sk": "EMPTY"}))


DAMAGES: dict[str, Damage] = {"lost": lose, "altered": alter, "added": add}


def damaged(how: Sequence[str], life: Life) -> Life:
    for each in how:
        DAMAGES[each](life.engine)
    return life


def test_where_nothing_is_wrong_nothing_is_written() -> None:
    life = Life()
    before = life.engine.changes().last()

    done = life.rebuild()

    assert life.engine.changes().last() == before
    assert (done.seals, done.written, done.deleted) == (len(life.sealing.kept()), 0, 0)
    assert done.documents == len(life.folds) > 8


@pytest.mark.parametrize("how", [("lost",), ("altered",), ("added",), ("altered", "added")])
def test_whatever_befell_the_index_it_is_the_same_to_the_byte_afterwards(how: Sequence[str]) -> None:
    life = damaged(how, Life())
    expected = undamaged(SEALS)
    wrong = [each for each in expected if each not in life.folds]

    done = life.rebuild()

    assert life.folds == expected
    assert (done.written, bool(wrong)) == (len(wrong), how != ("added",))
    assert done.deleted == (6 if "added" in how else 0)
    assert (life.rebuild().written, life.rebuild().deleted) == (0, 0)


@pytest.mark.parametrize("how", [("lost",), ("altered", "added")])
@pytest.mark.parametrize("folded", [True, False])
def test_seals_that_are_made_and_folded_between_any_two_steps_do_not_disturb_it(
    how: Sequence[str], *, folded: bool
) -> None:
    expected = undamaged(SEALS + 1)
    steps = 0
    while True:
        life = damaged(how, Life())
        stepped = Interrupted(of=life.engine, at=steps, by=partial(_fold_or_not, life, folded=folded))
        life.rebuild(stepped)
        if stepped.calls <= steps:
            break
        life.sealing.fold()
        assert life.folds == expected, f"a seal before step {steps}"
        steps += 1
    assert steps > 20


def _fold_or_not(life: Life, *, folded: bool) -> None:
    life.go_on(folded=False)
    if folded:
        with suppress(ValueError, TypeError):  # an altered document stops whoever folds, until it is put right
            life.sealing.fold()


@pytest.mark.parametrize("how", [("lost",), ("altered", "added")])
def test_one_that_dies_between_any_two_steps_is_finished_by_a_repeat(how: Sequence[str]) -> None:
    expected = undamaged(SEALS)
    steps = 0
    while True:
        life = damaged(how, Life())
        mortal = Interrupted(of=life.engine, at=steps, by=die)
        with suppress(Killed):
            life.rebuild(mortal)
        if mortal.calls <= steps:
            break
        life.rebuild()
        assert life.folds == expected, f"dead before step {steps}"
        steps += 1
    assert steps > 20


@settings(max_examples=30)
@given(
    how=st.lists(st.sampled_from(sorted(DAMAGES)), min_size=1, unique=True),
    seals=st.lists(st.integers(0, 80), max_size=4, unique=True),
    dead=st.integers(0, 120),
)
def test_all_of_that_at_once(how: list[str], seals: list[int], dead: int) -> None:
    life = damaged(how, Life())
    engine: Engine = Interrupted(of=life.engine, at=dead, by=die)
    for at in seals:
        engine = Interrupted(of=engine, at=at, by=lambda: _fold_or_not(life, folded=True))  # pyright: ignore[reportArgumentType] - one over the other
    with suppress(Killed):
        life.rebuild(engine)
    life.rebuild()
    life.sealing.fold()

    assert life.folds == undamaged(life.minutes)


@pytest.mark.parametrize("how", [("lost",), ("altered",)])
@pytest.mark.parametrize("write", range(5))
def test_a_fold_that_was_begun_before_does_not_bring_back_what_was_wrong(how: Sequence[str], write: int) -> None:
    """It has read a wrong document, and would write it with its own seal when that was put right already."""
    engine = MeddledEngine()
    life = damaged(how, Life(engine))
    life.go_on(folded=False)

    rebuilt: list[Rebuilt] = []

    def rebuild(number: int) -> None:
        if number == write:
            rebuilt.append(life.rebuild())

    engine.meddle = rebuild
    with suppress(ValueError, TypeError):  # an altered document stops whoever folds, until it is put right
        life.sealing.fold()
    engine.meddle = None
    if not rebuilt:
        life.rebuild()
    life.sealing.fold()

    assert life.folds == undamaged(SEALS + 1)


def test_who_folds_meanwhile_and_takes_a_seal_for_folded_loses_nothing() -> None:
    """A document that says a number too high is passed over by a new seal; then it is put right."""
    life = Life()
    for key in places(life.engine):
        life.engine.write(Update(table=Table.CORE, key=key, set={"through": len(life.sealing.kept()) + 1}))
    stepped = Interrupted(of=life.engine, at=5, by=life.go_on)

    life.rebuild(stepped)
    life.sealing.fold()

    assert life.folds == undamaged(SEALS + 1)


def test_a_seal_that_the_archive_has_lost_is_named_and_nothing_is_changed() -> None:
    life = damaged(["altered"], Life())
    before = life.folds
    lost = life.sealing.kept()[2].seal
    life.sealing.archive.delete(archive_key(lost))

    with pytest.raises(SealLost, match=f"Seal {lost.number} "):
        life.rebuild()

    assert life.folds == before


def test_a_workspace_without_seals_has_an_empty_index() -> None:
    life = Life()
    for item in life.folds:
        life.engine.write(Put(table=Table.CORE, item={**item, "pk": "W#ws9#TRAIL"}))

    done = rebuild_index(
        "ws9",
        seals=life.sealing.seals,
        index=life.sealing.index,
        archive=life.sealing.archive,
        scratch=StoredTrailIndex(SqliteEngine()),
        progress=lambda _, __: None,
    )

    assert (done.seals, done.written, done.deleted) == (0, 0, len(life.folds))
