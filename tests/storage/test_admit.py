"""What every engine promises about counting requests: the answers of the pure model, in one write."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.domain.limits import REACH, RESET_AFTER, SLOT_MS, Full, Window, let_through, slot_of
from shared.domain.token.commands import RevokeToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.state import Status
from shared.domain.workspace.decider import Standing
from shared.storage.contracts.tokens import Admitted, NotAdmitted, Terms
from shared.storage.engine import Engine
from shared.storage.rows.subjects import StoredSubjects
from shared.storage.rows.tokens import StoredTokens
from tests.data.examples import NOON, ONE_DAY, ORIGIN, arrival, store_token, store_workspace
from tests.data.stores import Stores
from tests.storage.places import Place, all_at_once

SLOT = timedelta(milliseconds=SLOT_MS)
LIMIT = 60


@pytest.fixture
def token(stores: Stores) -> str:
    store_workspace(stores)
    return store_token(stores).token.token_id


def admitted(answer: Admitted | NotAdmitted) -> Admitted:
    assert isinstance(answer, Admitted)
    return answer


def refused(answer: Admitted | NotAdmitted) -> NotAdmitted:
    assert isinstance(answer, NotAdmitted)
    return answer


# Mostly small steps, with clocks that lag or run ahead by more than a window and pauses longer than the ring.
clock_steps = st.one_of(
    st.integers(-2, 3), st.integers(-REACH - 3, REACH + 3), st.sampled_from([RESET_AFTER - 1, RESET_AFTER, 40, -40])
)
Requests = list[tuple[int, int, bool]]
"""Which container asks, by how many slots its clock differs from the last one's, and whether it is a call."""
requests = st.lists(st.tuples(st.integers(0, 2), clock_steps, st.booleans()), min_size=1, max_size=30)


def one_call_each(*places: tuple[int, int]) -> Requests:
    return [(container, step, True) for container, step in places]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(requests=requests, limit=st.integers(1, 4))
# A clock that was far ahead is set right, and a container still remembers the row from before.
@example(requests=one_call_each((0, 0), (1, -15), (1, 5), (1, 5), (0, 10), (0, 10), (0, 10), (0, 2)), limit=4)
# A container that knows nothing of the row lags as far behind it as is still followed, and farther.
@example(requests=one_call_each((0, 0), (1, -REACH)), limit=2)
@example(requests=one_call_each((0, 0), (1, -REACH - 1)), limit=2)
def test_the_answers_are_those_of_the_pure_model(place: Place, requests: Requests, limit: int) -> None:
    """Three containers with clocks of their own count on one subject, each remembering only what it saw itself."""
    containers = [StoredSubjects(place.engine()) for _ in range(3)]
    workspace_id = f"ws-{uuid4()}"
    model, calls, slot = Window(), 0, slot_of(NOON)

    for n, (container, step, is_call) in enumerate(requests):
        slot += step
        now = datetime.fromtimestamp(slot * SLOT_MS / 1000 + 1, NOON.tzinfo)
        expected = let_through(model, slot_of(now), limit)

        answer = containers[container].admit(
            workspace_id, "workspace", arrival(request_id=f"r{n}", now=now, is_call=is_call), limit=limit
        )

        if isinstance(expected, Full):
            assert answer == NotAdmitted(row=None, window=model)
        else:
            model = expected
            calls += is_call
            counted = model.last_slot or 0
            assert answer == Admitted(
                row=None, number=calls if is_call else 0, used=model.ending[counted], slot=counted
            )


def test_thirty_two_containers_at_once_let_in_exactly_the_limit(place: Place, token: str) -> None:
    def hurry(engine: Engine, container: int) -> list[Admitted | NotAdmitted]:
        tokens = StoredTokens(engine)
        return [tokens.admit(token, arrival(request_id=f"{container}-{n}"), limit=LIMIT) for n in range(4)]

    answers = [answer for each in all_at_once(place, hurry) for answer in each]

    let_in = [answer for answer in answers if isinstance(answer, Admitted)]
    assert sorted(answer.number for answer in let_in) == list(range(1, LIMIT + 1))
    assert sorted(answer.used for answer in let_in) == list(range(1, LIMIT + 1))


def test_a_call_is_one_write_and_no_read(engine: Engine, stores: Stores, token: str) -> None:
    stores.tokens.admit(token, arrival(request_id="first"), limit=LIMIT)
    before = engine.operations.copy()

    for n in range(10):
        admitted(stores.tokens.admit(token, arrival(request_id=f"r{n}", now=NOON + n * SLOT), limit=LIMIT))

    assert engine.operations - before == {"update": 10}


def test_a_container_that_just_verified_the_token_counts_with_one_write(
    place: Place, stores: Stores, token: str
) -> None:
    stores.tokens.admit(token, arrival(request_id="elsewhere"), limit=LIMIT)
    engine = place.engine()
    tokens = StoredTokens(engine)
    tokens.get(token)

    admitted(tokens.admit(token, arrival(), limit=LIMIT))

    assert engine.operations == {"get": 1, "update": 1}


def test_a_container_that_knows_nothing_of_the_row_asks_twice(place: Place, stores: Stores, token: str) -> None:
    stores.tokens.admit(token, arrival(request_id="elsewhere"), limit=LIMIT)
    engine = place.engine()

    answer = admitted(StoredTokens(engine).admit(token, arrival(), limit=LIMIT))

    assert (answer.number, answer.used) == (2, 2)
    assert engine.operations == {"update": 2}


def test_calls_take_a_number_and_other_requests_take_none(stores: Stores, token: str) -> None:
    kinds = [True, False, True, False, True]
    answers = [
        admitted(stores.tokens.admit(token, arrival(request_id=f"r{n}", is_call=is_call), limit=LIMIT))
        for n, is_call in enumerate(kinds)
    ]

    assert [answer.number for answer in answers] == [1, 0, 2, 0, 3]
    assert [answer.used for answer in answers] == [1, 2, 3, 4, 5]


def test_the_row_shows_the_last_use(stores: Stores, token: str) -> None:
    later = NOON + timedelta(seconds=3, microseconds=41)

    row = admitted(stores.tokens.admit(token, arrival(request_id="abc=", now=later), limit=LIMIT)).row

    assert row is not None
    assert (row.last_used_at, row.last_request_id, row.calls) == (later, "abc=", 1)
    assert row == stores.tokens.get(token)


def test_a_full_window_refuses_counts_nothing_and_shows_when_it_opens(stores: Stores, token: str) -> None:
    for n in range(3):
        stores.tokens.admit(token, arrival(request_id=f"r{n}", now=NOON + n * SLOT), limit=3)
    before = stores.tokens.get(token)

    answer = refused(stores.tokens.admit(token, arrival(request_id="late", now=NOON + 3 * SLOT), limit=3))

    assert answer.row == before == stores.tokens.get(token)
    assert let_through(answer.window, slot_of(NOON + 3 * SLOT), 3) == Full(opens_slot=slot_of(NOON) + REACH + 1)
    admitted(stores.tokens.admit(token, arrival(request_id="later", now=NOON + (REACH + 1) * SLOT), limit=3))


def test_a_request_that_comes_again_is_counted_once(place: Place, stores: Stores, token: str) -> None:
    first = admitted(stores.tokens.admit(token, arrival(), limit=LIMIT))

    again = admitted(StoredTokens(place.engine()).admit(token, arrival(), limit=LIMIT))

    assert again == first


def test_a_request_that_filled_the_window_is_still_let_in_when_it_comes_again(stores: Stores, token: str) -> None:
    admitted(stores.tokens.admit(token, arrival(), limit=1))

    assert admitted(stores.tokens.admit(token, arrival(), limit=1)).used == 1


def test_a_revoked_token_is_refused_by_the_very_next_request(place: Place, stores: Stores, token: str) -> None:
    other = StoredTokens(place.engine())
    admitted(other.admit(token, arrival(request_id="before"), limit=LIMIT))
    row = stores.tokens.get(token)
    assert row is not None
    events = decide(RevokeToken(revoked_by="mem_olga", reason="lost", at=NOON), row.token)
    stores.tokens.append(
        events,
        replay(events, row.token) or row.token,
        credential=replace(row.credential, seal="s"),
        based_on=row,
        origin=ORIGIN,
    )

    answer = refused(other.admit(token, arrival(request_id="after"), limit=LIMIT))

    assert answer.row is not None
    assert (answer.row.token.status, answer.row.calls) == (Status.REVOKED, 1)


def test_a_token_is_refused_from_the_moment_that_it_expires(stores: Stores) -> None:
    store_workspace(stores)
    end = NOON + 30 * ONE_DAY + timedelta(microseconds=5)
    store_token(stores, expires_at=end)

    admitted(stores.tokens.admit("tok1", arrival(request_id="a", now=end - timedelta(microseconds=1)), limit=LIMIT))
    refused(stores.tokens.admit("tok1", arrival(request_id="b", now=end), limit=LIMIT))


def test_a_token_without_an_end_is_let_in_years_later(stores: Stores) -> None:
    store_workspace(stores)
    store_token(stores, expires_at=None)

    admitted(stores.tokens.admit("tok1", arrival(now=NOON + 5_000 * ONE_DAY), limit=LIMIT))


@pytest.mark.parametrize("standing", [Standing.PLAN_REQUIRED, Standing.NOT_AUTHORIZED])
def test_a_token_whose_workspace_lost_its_standing_is_refused(stores: Stores, token: str, standing: Standing) -> None:
    row = stores.tokens.get(token)
    assert row is not None
    terms = Terms(plan="plus", standing=standing, version=3)
    stores.tokens.apply_terms(terms, seal="s", based_on=row)

    answer = refused(stores.tokens.admit(token, arrival(), limit=LIMIT))

    assert answer.row == replace(row, terms=terms, credential=replace(row.credential, seal="s"))


def test_an_unknown_token_is_refused_and_not_made(stores: Stores) -> None:
    assert stores.tokens.admit("none", arrival(), limit=LIMIT) == NotAdmitted(row=None, window=Window())
    assert stores.tokens.get("none") is None


def test_subjects_of_a_workspace_and_of_two_workspaces_are_counted_apart(stores: Stores) -> None:
    places = [("ws1", "workspace"), ("ws1", "member:a"), ("ws1", "member:b"), ("ws2", "workspace")]
    for workspace_id, subject in places:
        answer = admitted(stores.subjects.admit(workspace_id, subject, arrival(), limit=1))
        assert (answer.number, answer.used) == (1, 1)

    for workspace_id, subject in places:
        refused(stores.subjects.admit(workspace_id, subject, arrival(request_id="second"), limit=1))
