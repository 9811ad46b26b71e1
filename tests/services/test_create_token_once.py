from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.domain.errors import Invalid, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.services.create_token_once import create_token_once
from shared.services.credentials.token_format import read_token
from shared.services.make_once import Made
from shared.storage.contracts.streams import StoreUnavailable
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.faults import LosesAnswers
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON, origin, workspace


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores)
    return stores


def create(stores: Stores, *, by: str = "olivia", name: str = "CI") -> Made:
    return create_token_once(
        key="key-1",
        workspace_id="wks_1",
        member_id=f"mem_{by}",
        kind=TokenKind.PERSONAL,
        name=name,
        scopes=frozenset({Scope.PNL}),
        expires_in_days=30,
        origin=origin(f"mem_{by}"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        replies=stores.replies,
    )


def ids(stores: Stores) -> list[str]:
    return [row.token.token_id for row in stores.tokens.of_workspace("wks_1", limit=100).items]


def test_a_process_that_died_before_the_token_is_made_good_by_the_repeat(engine: MeddledEngine, stores: Stores) -> None:
    engine.meddle = die_before(write=1)  # 0 is the claim of the key, 1 is the token
    with pytest.raises(Killed):
        create(stores)
    engine.meddle = None
    assert ids(stores) == []

    repeat = create(stores)

    assert repeat.text is not None  # nobody has seen it
    assert read_token(repeat.text, KEYS) is not None
    assert create(stores).text is None
    assert ids(stores) == [repeat.token.token_id]


def test_a_process_that_died_before_the_claim_left_nothing(engine: MeddledEngine, stores: Stores) -> None:
    engine.meddle = die_before(write=0)
    with pytest.raises(Killed):
        create(stores)
    engine.meddle = None

    assert create(stores).text is not None


def test_a_token_whose_making_was_not_heard_of_is_met_by_the_repeat_without_its_secret() -> None:
    losing = LosesAnswers(MeddledEngine())
    stores = Stores.over(losing)
    workspace(stores)
    losing.answers_to_lose = 2  # that of the claim, which is asked for again, and that of the token

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            create(stores)
    repeat = create(stores)

    assert repeat.text is None
    assert ids(stores) == [repeat.token.token_id]


def test_whoever_may_not_make_a_token_writes_nothing(engine: MeddledEngine, stores: Stores) -> None:
    before = engine.changes().last()

    with pytest.raises(NotPermitted):
        create(stores, by="ana")

    assert engine.changes().last() == before


def test_a_request_that_was_refused_has_used_up_no_key(stores: Stores) -> None:
    with pytest.raises(Invalid):
        create(stores, name=" ")

    assert create(stores, name="CI").text is not None


def test_of_many_requests_at_once_one_makes_the_token(stores: Stores) -> None:
    with ThreadPoolExecutor(8) as containers:
        answers = [done.result() for done in [containers.submit(create, stores) for _ in range(24)]]

    assert len([answer for answer in answers if answer.text is not None]) == 1
    assert {answer.token.token_id for answer in answers} == {*ids(stores)}
    assert len(ids(stores)) == 1
