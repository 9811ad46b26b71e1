"""What the DynamoDB engine makes of a service that is slow, busy or gone, and of one that says no."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.storage.aws.json_client import Refused
from shared.storage.dynamodb.conflicts import ATTEMPTS_IN_CONFLICT
from shared.storage.engine import (
    ConditionFailed,
    Engine,
    Exists,
    Key,
    Put,
    StoreUnavailable,
    Table,
    TransactionRefused,
    Update,
)
from tests.storage.places import EngineAt
from tests.storage.scripted_server import SILENCE, Answer, error, scripted_aws

Ask = Callable[[Engine], None]
KEY = Key("P", "S")
IMAGE = {"pk": {"S": "P"}, "sk": {"S": "S"}}
WRITES = [Update(table=Table.CORE, key=KEY, add={"n": 1}), Put(table=Table.AUDIT, item={"pk": "P", "sk": "S"})]


def cancelled(*codes: str, **reason: Any) -> Answer:  # noqa: ANN401  # as the service says it
    return error(
        "TransactionCanceledException",
        Message="Transaction cancelled",
        CancellationReasons=[{"Code": code, **(reason if code == "ConditionalCheckFailed" else {})} for code in codes],
    )


def read(engine: Engine) -> None:
    engine.get(Table.CORE, KEY)


def read_many(engine: Engine) -> None:
    engine.get_many(Table.CORE, [KEY])


def query(engine: Engine) -> None:
    engine.query(Table.CORE, "P")


def write(engine: Engine) -> None:
    engine.write(WRITES[0])


def transact(engine: Engine) -> None:
    engine.transact(WRITES, request_token=str(uuid4()))


@pytest.mark.parametrize("ask", [read, read_many, query, write, transact])
@pytest.mark.parametrize(
    "answer",
    [
        error("InternalServerError", status=500),
        Answer(status=503),
        error("ProvisionedThroughputExceededException"),
        error("ThrottlingException"),
        error("RequestLimitExceeded"),
        error("AccessDeniedException"),
        SILENCE,
    ],
    ids=["500", "503", "capacity", "throttled", "account limit", "a right taken away", "silence"],
)
def test_a_service_that_is_busy_or_silent_or_does_not_let_us_is_unavailable(
    engine_at: EngineAt, answer: Answer, ask: Callable[[Engine], None]
) -> None:
    with scripted_aws(answer) as server, pytest.raises(StoreUnavailable):
        ask(engine_at(server.address))


@pytest.mark.parametrize("ask", [read, write])
def test_a_service_out_of_reach_is_unavailable(engine_at: EngineAt, ask: Ask) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        with pytest.raises(StoreUnavailable):
            ask(engine_at(f"http://127.0.0.1:{nobody.getsockname()[1]}"))


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFoundException"])
def test_a_mistake_of_ours_is_not_called_unavailable(engine_at: EngineAt, code: str) -> None:
    with scripted_aws(error(code)) as server, pytest.raises(Refused, match=code):
        write(engine_at(server.address))


@pytest.mark.parametrize(
    ("answer", "ask"),
    [
        (cancelled("TransactionConflict", "None"), transact),
        (error("TransactionInProgressException"), transact),
        (error("TransactionConflictException"), write),
    ],
    ids=["transaction", "still running", "single write"],
)
def test_a_conflict_is_tried_again_and_each_attempt_counted(
    engine_at: EngineAt, answer: Answer, ask: Callable[[Engine], None]
) -> None:
    with scripted_aws(answer, answer, Answer({"Attributes": IMAGE})) as server:
        engine = engine_at(server.address, attempts=3)
        ask(engine)

    assert len(server.requests) == 3
    assert engine.operations.total() == 3


def test_a_conflict_that_does_not_end_is_unavailable_after_a_few_attempts(engine_at: EngineAt) -> None:
    with scripted_aws(cancelled("TransactionConflict", "None")) as server:
        with pytest.raises(StoreUnavailable):
            transact(engine_at(server.address))

        assert len(server.requests) == ATTEMPTS_IN_CONFLICT


def test_every_attempt_at_a_transaction_bears_the_same_token(engine_at: EngineAt) -> None:
    with scripted_aws(cancelled("TransactionConflict", "None"), Answer(status=500), Answer()) as server:
        engine_at(server.address, attempts=3).transact(WRITES, request_token="the-token")

    assert [request["ClientRequestToken"] for request in server.requests] == ["the-token"] * 3


def test_a_failed_condition_is_not_tried_again_even_beside_a_conflict(engine_at: EngineAt) -> None:
    with scripted_aws(cancelled("TransactionConflict", "ConditionalCheckFailed", Item=IMAGE)) as server:
        with pytest.raises(TransactionRefused) as refused:
            transact(engine_at(server.address, attempts=3))

        assert len(server.requests) == 1
    assert refused.value.failed == {1: {"pk": "P", "sk": "S"}}


def test_a_transaction_cancelled_for_a_mistake_of_ours_is_not_called_unavailable(engine_at: EngineAt) -> None:
    with scripted_aws(cancelled("ValidationError", "None")) as server, pytest.raises(Refused):
        transact(engine_at(server.address))


def test_keys_that_were_not_read_are_asked_for_again(engine_at: EngineAt) -> None:
    left = {"the-core-table": {"Keys": [IMAGE], "ConsistentRead": True}}
    other = {"pk": {"S": "Q"}, "sk": {"S": "S"}}
    first = Answer({"Responses": {"the-core-table": [other]}, "UnprocessedKeys": left})
    second = Answer({"Responses": {"the-core-table": [IMAGE]}, "UnprocessedKeys": {}})

    with scripted_aws(first, second) as server:
        found = engine_at(server.address).get_many(Table.CORE, [Key("Q", "S"), KEY])

    assert set(found) == {Key("Q", "S"), KEY}
    assert server.requests[1]["RequestItems"] == left


def test_a_table_of_which_nothing_can_be_read_is_unavailable(engine_at: EngineAt) -> None:
    nothing = Answer({"Responses": {}, "UnprocessedKeys": {"the-core-table": {"Keys": [IMAGE]}}})

    with scripted_aws(nothing) as server, pytest.raises(StoreUnavailable):
        read_many(engine_at(server.address))


def test_every_read_but_that_of_the_index_is_consistent(engine_at: EngineAt) -> None:
    with scripted_aws(Answer({"Responses": {}, "Items": []})) as server:
        engine = engine_at(server.address)
        read(engine)
        query(engine)
        read_many(engine)
        engine.query_due("D", last="x", limit=1)

    single, query_, many, due = server.requests
    assert (single["ConsistentRead"], query_["ConsistentRead"]) == (True, True)
    assert many["RequestItems"]["the-core-table"]["ConsistentRead"] is True
    assert (due["IndexName"], "ConsistentRead" in due) == ("due", False)


def test_what_lies_there_comes_with_the_refusal_and_costs_no_read(engine_at: EngineAt) -> None:
    refusal = error("ConditionalCheckFailedException", Item={**IMAGE, "n": {"N": "7"}})
    with scripted_aws(refusal) as server:
        with pytest.raises(ConditionFailed) as refused:
            engine_at(server.address).write(Update(table=Table.CORE, key=KEY, set={"n": 8}, when=Exists("x")))

        assert [request["ReturnValuesOnConditionCheckFailure"] for request in server.requests] == ["ALL_OLD"]
    assert refused.value.item == {"pk": "P", "sk": "S", "n": 7}
