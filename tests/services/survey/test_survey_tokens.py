"""The survey of a workspace's tokens: what it says of their use, whom it shows them to, and what it costs."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.workspace.events import Role
from shared.services.survey.conditions import Concern, Condition
from shared.services.survey.pick_tokens import Asked, Order
from shared.services.survey.survey_tokens import A_PAGE, Survey, Surveyed, survey_tokens
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, NOON, member, rotation, token, workspace
from tests.data.uses import call, count_calls, record_call

LONG_AGO = NOON - 100 * A_DAY
EVERYTHING = Asked()


@pytest.fixture
def engine() -> SqliteEngine:
    return SqliteEngine()


@pytest.fixture
def stores(engine: SqliteEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores, at=LONG_AGO)
    return stores


def survey(stores: Stores, asked: Asked = EVERYTHING, *, page: int = 1, by: str = "olivia") -> Survey:
    return survey_tokens(
        asked,
        page=page,
        workspace_id="wks_1",
        member=member(stores, by),
        now=NOON,
        tokens=stores.tokens,
        evidence=stores.evidence,
        trail=stores.trail,
    )


def only(found: Survey) -> Surveyed:
    (item,) = found.items
    return item


def test_the_chart_has_the_calls_of_each_of_the_last_30_days_today_last(stores: Stores) -> None:
    made = token(stores, days=365, at=LONG_AGO).token
    for ago, calls in ((30, 9), (29, 1), (3, 4), (0, 2)):
        call(stores, made.token_id, at=NOON - ago * A_DAY, times=calls)

    calls = only(survey(stores)).calls

    assert len(calls) == 30
    assert (calls[0], calls[-4], calls[-1], sum(calls)) == (1, 4, 2, 7)


def test_the_last_call_tells_from_where_and_by_which_client(stores: Stores) -> None:
    made = token(stores).token
    call(stores, made.token_id, at=NOON - A_DAY, client=("older", "1"), ip="192.0.2.1")
    call(stores, made.token_id, at=NOON, client=("claude-code", "2.1"), ip="192.0.2.2")

    last = only(survey(stores)).last_call

    assert last is not None
    assert (last.at, last.client, last.ip) == (NOON, "claude-code 2.1", "192.0.2.2")


def test_a_client_that_does_not_say_its_name_is_told_by_its_user_agent(stores: Stores) -> None:
    made = token(stores).token
    call(stores, made.token_id, client=("", ""))

    last = only(survey(stores)).last_call

    assert last is not None
    assert last.client == "python-httpx/1"


def test_the_last_call_is_found_too_where_another_row_counts_the_calls(stores: Stores) -> None:
    """A limit on the whole workspace numbers the calls of all of its tokens: theirs do not say where the last lies."""
    made, other = token(stores).token, token(stores).token
    for number, one, at in ((1, made, NOON - A_DAY), (2, made, NOON), (3, other, NOON)):
        record_call(stores, one.token_id, number=number, at=at, client=("n8n", str(number)))
        stores.tokens.note_use(one.token_id, at)

    found = {item.row.token.token_id: item.last_call for item in survey(stores).items}

    assert {token_id: last.client for token_id, last in found.items() if last is not None} == {
        made.token_id: "n8n 2",
        other.token_id: "n8n 3",
    }


def test_scopes_that_a_predecessor_needed_count_as_used(stores: Stores) -> None:
    first = token(stores, scopes=(Scope.PNL, Scope.ADS, Scope.PRODUCTS), days=365, at=LONG_AGO).token
    call(stores, first.token_id, at=NOON - 20 * A_DAY, scope=Scope.ADS)
    call(stores, first.token_id, at=NOON - 70 * A_DAY, scope=Scope.PRODUCTS)
    second = rotation(stores, first.token_id, at=NOON - 10 * A_DAY).token
    call(stores, second.token_id, at=NOON, scope=Scope.PNL)

    found = {item.row.token.token_id: item for item in survey(stores).items}

    assert found[second.token_id].used_scopes == {Scope.PNL, Scope.ADS}


def test_counts_are_of_all_tokens_whatever_is_asked_for(stores: Stores) -> None:
    token(stores, at=LONG_AGO)
    token(stores, at=NOON - 20 * A_DAY)
    token(stores, owner="adam", days=365)

    found = survey(stores, Asked(owner_id="mem_nobody"))

    assert (found.found, found.total, found.owners) == (0, 3, ["mem_adam", "mem_olivia"])
    assert found.conditions == {Condition.EXPIRED: 1, Condition.ACTIVE: 2}
    assert found.concerns == {Concern.NEVER_USED: 1, Concern.ENDS_SOON: 1}


def test_somebody_who_manages_nothing_sees_their_own_and_a_manager_all(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"oscar": Role.OWNER}, at=LONG_AGO)
    token(stores, owner="oscar", workspace_id="wks_2")
    token(stores)
    token(stores, owner="adam")

    assert survey(stores, by="ana").total == 0
    assert survey(stores, by="adam").total == 2


def test_pages_hold_fifty_and_follow_each_other_without_a_gap(engine: SqliteEngine, stores: Stores) -> None:
    many_tokens(engine, [Wanted(owner="olivia", at=NOON - timedelta(minutes=n)) for n in range(A_PAGE * 2 + 3)])
    asked = Asked(order=Order.CREATED, descending=False)

    pages = [survey(stores, asked, page=number) for number in (1, 2, 3, 4, 0, -1)]
    ids = [item.row.token.token_id for page in pages[:3] for item in page.items]

    assert [len(page.items) for page in pages] == [50, 50, 3, 3, 50, 50]
    assert [page.page for page in pages] == [1, 2, 3, 3, 1, 1]
    assert len(set(ids)) == 103


def test_what_a_thousand_tokens_cost_is_the_reading_of_their_rows_and_three_reads_for_the_page(
    engine: SqliteEngine, stores: Stores
) -> None:
    """Not one read per token: batches of a hundred keys on DynamoDB."""
    made = many_tokens(engine, [Wanted(owner="olivia", at=NOON - timedelta(minutes=n)) for n in range(1_000)])
    for new in made[:A_PAGE]:
        call(stores, new.token.token_id)
        count_calls(stores, "wks_1", new.token.token_id, at=NOON)
    before = Counter(engine.operations)

    found = survey(stores)

    assert (found.found, len(found.items), sum(item.last_call is not None for item in found.items)) == (1_000, 50, 50)
    assert engine.operations - before - Counter(get=1) == {"query": 2, "get_many": 5}  # the get is of who looks
