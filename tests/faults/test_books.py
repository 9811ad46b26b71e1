"""The books find what they are there to find: what is left is altered by hand, as a fault might, and is seen."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import pytest

from shared.storage.engine import Item, Table
from tests.faults.books import Books, Left, read_books, unclear
from tests.faults.cells import Laboratory
from tests.faults.container import Seen
from tests.faults.steps import STEPS

(CREATE,) = (step for step in STEPS if step.name == "create")
(CALL,) = (step for step in STEPS if step.name == "call")
Is = Callable[[Table, Item], bool]


@pytest.fixture(scope="module")
def created(lab: Laboratory) -> Generator[Left]:
    with lab.left_undisturbed(CREATE) as left:
        yield left


@pytest.fixture(scope="module")
def called(lab: Laboratory) -> Generator[Left]:
    with lab.left_undisturbed(CALL) as left:
        yield left


def of(table: Table, type_: str) -> Is:
    return lambda where, item: where is table and item.get("type") == type_


def one(left: Left, is_it: Is) -> tuple[Table, Item]:
    return next(row for row in left.rows if is_it(*row))


def without(left: Left, is_it: Is) -> Left:
    gone = one(left, is_it)
    return replace(left, rows=[row for row in left.rows if row is not gone])


def altered(left: Left, is_it: Is, **change: str | int) -> Left:
    table, item = one(left, is_it)
    return replace(left, rows=[*without(left, is_it).rows, (table, {**item, **change})])


def with_another(left: Left, is_it: Is, **change: str | int) -> Left:
    table, item = one(left, is_it)
    return replace(left, rows=[*left.rows, (table, {**item, **change})])


def found(left: Left) -> str:
    return " / ".join(read_books(left).findings)


def test_what_nobody_altered_adds_up(created: Left, called: Left) -> None:
    assert (found(created), found(called)) == ("", "")


def test_an_event_without_its_row_is_found(created: Left) -> None:
    assert "an event without a row in the trail" in found(without(created, of(Table.AUDIT, "token.created")))


def test_a_row_without_its_event_is_found(created: Left) -> None:
    assert "a row in the trail without an event" in found(without(created, of(Table.CORE, "token.created")))


def test_an_event_that_was_recorded_twice_is_found(created: Left) -> None:
    _, row = one(created, of(Table.AUDIT, "token.created"))
    twice = with_another(created, of(Table.AUDIT, "token.created"), sk=f"{row['sk']}x", id="another")

    assert "a row in the trail without an event: another" in found(twice)


def test_a_state_that_is_behind_its_events_is_found(created: Left) -> None:
    behind = altered(created, lambda _, item: item["sk"] == "STATE" and "prefix" in item, version=0)

    assert "is of version 0, of 1 events" in found(behind)


def test_a_token_too_many_is_found(lab: Laboratory, created: Left) -> None:
    books, expected = read_books(created), lab.undisturbed(CREATE).books
    token = next(fact for fact in expected.facts if fact[0] == "token")
    twice, lost = (replace(books, facts=books.facts.copy()) for _ in range(2))
    twice.facts[token] += 1
    lost.facts[token] -= 1

    assert differences(books, expected) == []
    assert differences(twice, expected) == [f"there twice: {token}"]
    assert differences(lost, expected) == [f"lost: {token}"]


def differences(books: Books, expected: Books) -> Sequence[str]:
    return [*books.against(expected, calls=False)]


ANOTHER_SECRET = Seen(status=201, text='{"token": "mfp_another"}')


def test_a_secret_that_lets_nobody_in_is_found(created: Left) -> None:
    assert "does not let in" in found(replace(created, seen=[ANOTHER_SECRET]))


def test_a_second_secret_is_found(created: Left) -> None:
    assert "2 secrets were shown" in found(replace(created, seen=[*created.seen, ANOTHER_SECRET]))


def test_an_answered_call_that_the_trail_does_not_have_is_found(called: Left) -> None:
    assert "3 calls were answered, of which the trail has 2" in found(without(called, of(Table.AUDIT, "mcp.call")))


def test_a_call_that_the_trail_has_twice_is_found(called: Left) -> None:
    _, row = one(called, of(Table.AUDIT, "mcp.call"))

    assert "3 calls took a number, and the trail tells of" in found(
        with_another(called, of(Table.AUDIT, "mcp.call"), sk=f"{row['sk']}0", id="another")
    )


def test_a_call_that_was_counted_twice_is_found(called: Left) -> None:
    assert "3 calls were made and 4 counted" in found(replace(called, counted=[*called.counted, called.counted[-1]]))


def test_a_place_of_the_window_that_nobody_took_is_found(called: Left) -> None:
    _, row = one(called, lambda _, item: "slot" in item)
    (place, *_) = (name for name in row if name.startswith("w") and name[1:].isdigit())

    assert "places of the window" in found(altered(called, lambda _, item: "slot" in item, **{place: 9}))


@pytest.mark.parametrize(
    "seen",
    [
        Seen(status=500, code="internal"),
        Seen(status=503, code="store_unavailable"),
        Seen(status=503, code="internal", headers={"retry-after": "5"}),
        Seen(status=200, text="botocore.exceptions.ClientError: no"),
        Seen(code="KeyError"),
    ],
    ids=str,
)
def test_an_answer_that_is_not_clear_is_found(seen: Seen) -> None:
    assert [*unclear(seen)] != []


@pytest.mark.parametrize(
    "seen",
    [
        Seen(status=201),
        Seen(status=503, code="store_unavailable", headers={"retry-after": "5"}),
        Seen(code="StoreUnavailable"),
    ],
    ids=str,
)
def test_an_answer_that_is_clear_is_left_alone(seen: Seen) -> None:
    assert [*unclear(seen)] == []
