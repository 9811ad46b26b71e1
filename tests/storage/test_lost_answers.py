"""What every engine promises when the answer to a write is lost: it counts once, whoever tries again."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from shared.domain.token.decider import replay
from shared.domain.token.events import TokenRenamed, TokenRotated
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.replies import Reply
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.tokens import Admitted
from shared.storage.engine import ConditionFailed, Engine, Key, Missing, Put, StoreUnavailable, Table, Update
from tests.data.examples import (
    CREDENTIAL,
    NOON,
    ONE_DAY,
    ORIGIN,
    TERMS,
    arrival,
    store_token,
    store_workspace,
    token_created,
    token_of,
    tool_called,
)
from tests.data.faults import LosesAnswers, RepeatsWrites
from tests.data.stores import Stores
from tests.storage.places import Place

KEY = Key("P", "S")


def test_a_transaction_whose_answer_was_lost_is_repeated_without_effect(engine: Engine) -> None:
    network = LosesAnswers(engine)
    network.answers_to_lose = 2
    token = str(uuid4())
    writes = [
        Update(table=Table.CORE, key=KEY, add={"n": 1}),
        Put(table=Table.AUDIT, item={"pk": "P", "sk": "S"}, when=Missing("pk")),
    ]

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            network.transact(writes, request_token=token)
    network.transact(writes, request_token=token)

    assert engine.get(Table.CORE, KEY) == {"pk": "P", "sk": "S", "n": 1}


def test_a_put_whose_answer_was_lost_finds_itself(engine: Engine) -> None:
    network = LosesAnswers(engine)
    network.answers_to_lose = 1
    put = Put(table=Table.CORE, item={"pk": "P", "sk": "S", "by": "us"}, when=Missing("pk"))

    with pytest.raises(StoreUnavailable):
        network.write(put)
    with pytest.raises(ConditionFailed) as refused:
        network.write(put)

    assert refused.value.item == put.item


@pytest.fixture
def twice(place: Place) -> Stores:
    """Stores over a client that carries out every write a second time, having missed the first answer."""
    return Stores.over(RepeatsWrites(place.engine()))


def test_every_change_counts_once_when_its_write_is_repeated(twice: Stores, stores: Stores) -> None:
    store_workspace(twice)
    row = store_token(twice)
    twice.tokens.apply_terms(replace(TERMS, plan="alpha", version=3), seal="seal-2", based_on=row)
    row = twice.tokens.get("tok1")
    assert row is not None
    renamed = TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON)
    twice.tokens.append(
        [renamed],
        replace(row.token, name="Nightly"),
        credential=replace(row.credential, seal="seal-3"),
        based_on=row,
        origin=ORIGIN,
    )

    after = stores.tokens.get("tok1")
    assert after is not None
    assert (after.version, after.terms.version, after.token.name) == (2, 3, "Nightly")
    assert len(stores.tokens.history("tok1")) == 2
    assert len(stores.workspaces.history("ws1")) == 2
    assert len(stores.audit.entries("ws1", matching=AuditFilter(), limit=50, now=NOON).items) == 4


def test_a_rotation_and_a_look_count_once_when_their_writes_are_repeated(twice: Stores, stores: Stores) -> None:
    store_workspace(twice)
    row = store_token(twice)
    twice.tokens.wake("tok1", used_at=NOON)
    twice.tokens.look_again(replace(row, due_at=NOON), NOON + ONE_DAY)
    row = twice.tokens.get("tok1")
    assert row is not None
    rotated = TokenRotated(
        successor_id="tok2", rotated_by="mem_olga", overlap_seconds=60, ends_at=NOON + ONE_DAY, at=NOON
    )
    created = token_created(token_id="tok2", predecessor_id="tok1")
    twice.tokens.rotate(
        [rotated],
        replay([rotated], row.token) or row.token,
        seal="seal-2",
        based_on=row,
        created=[created],
        successor=token_of(created),
        credential=CREDENTIAL,
        terms=TERMS,
        origin=ORIGIN,
    )

    assert row.due_at == NOON + ONE_DAY
    assert stores.tokens.history("tok1")[1:] == (rotated,)
    assert stores.tokens.history("tok2") == (created,)
    assert len(stores.tokens.of_workspace("ws1", limit=9).items) == 2


def test_every_call_counts_once_when_its_writes_are_repeated(twice: Stores, stores: Stores) -> None:
    store_workspace(stores)
    store_token(stores)

    for n in range(1, 4):
        answer = twice.tokens.admit("tok1", arrival(request_id=f"r{n}"), limit=60)
        assert isinstance(answer, Admitted)
        assert (answer.number, answer.used) == (n, n)
        twice.audit.record(tool_called(number=n), workspace_id="ws1", origin=ORIGIN)

    calls = stores.audit.entries("ws1", matching=AuditFilter(types=frozenset({"mcp.call"})), limit=50, now=NOON).items
    assert sorted(str(entry.data["number"]) for entry in calls) == ["1", "2", "3"]


def test_a_key_taken_by_a_repeated_write_is_our_own(twice: Stores) -> None:
    reply = Reply(fingerprint="f", resource_id="tok1")

    assert twice.replies.claim("mem_olga", "key", reply, now=NOON) == reply


def test_a_change_that_is_decided_again_after_a_lost_answer_finds_that_it_happened(
    engine: Engine, stores: Stores
) -> None:
    """The service loads anew: either it sees its own change, or it is told that the token moved."""
    store_workspace(stores)
    row = store_token(stores)
    network = LosesAnswers(engine)
    network.answers_to_lose = 1
    lossy = Stores.over(network)
    renamed = TokenRenamed(name="Nightly", renamed_by="mem_olga", at=NOON)
    state = replace(row.token, name="Nightly")

    with pytest.raises(StoreUnavailable):
        lossy.tokens.append([renamed], state, credential=replace(row.credential, seal="s"), based_on=row, origin=ORIGIN)
    with pytest.raises(StreamMoved):
        lossy.tokens.append([renamed], state, credential=replace(row.credential, seal="s"), based_on=row, origin=ORIGIN)

    assert len(stores.tokens.history("tok1")) == 2
