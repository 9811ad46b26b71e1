"""What calls and an idle stack cost in dollars: counted operations, measured milliseconds, AWS's stated prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean
from time import process_time
from typing import Any

from functions.metrics import SEAL_LAG, SWEEP_LAG
from shared.services.sweep import sweep
from shared.services.trail.account_calls import account_for_calls
from shared.services.trail.seal_trail import seal_trail
from shared.storage.engine import Table
from shared.storage.rows.envelope import trail_pk
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench import prices as at
from tests.bench.metered import Metered, Spent, item_bytes
from tests.bench.prices import MILLION, Price
from tests.bench.road import STORED_BYTES, Load, Road, Worker
from tests.bench.table import say, say_table
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, workspace
from tests.sam.stack import deployed
from tests.services.trail.sealing import LOG_NAME, KeyInMemory
from tests.transports.questions.questions import QUESTIONS
from tests.transports.questions.sample import sample_shop

STORE_MS, OBJECT_MS, SIGNATURE_MS = 5, 25, 15
"""What a request to DynamoDB, S3, KMS is taken to last: Lambda bills the waiting, and nothing here can measure it."""
PLATFORM_LOG_BYTES = 650
"""Of Lambda's own lines for each invocation, a start and a report; from memory. The projector's are left out."""
POLLS_A_MONTH = 5 * 3 * 60 * 24 * 30
"""Of a queue that nothing comes to: five pollers wait twenty seconds each time; from memory."""
EACH_MINUTE = (SWEEP_LAG, SEAL_LAG)
"""Metrics that are written although nobody calls."""
MINUTES_A_MONTH = 60 * 24 * 30
MONTHS_A_YEAR = 12
MONTHS_KEPT = 3
"""That a row of the trail stays in its table."""
GB = 1e9
LOADS = {
    "1 M a month, one a minute": Load(workspaces=23, calls_a_minute=1),
    "1 M a month, ten a minute": Load(workspaces=2, calls_a_minute=10),
    "the same, streams wait 20 s": Load(workspaces=2, calls_a_minute=10, window=20),
    "100 M a month, ten a minute": Load(workspaces=230, calls_a_minute=10, minutes=2),
}
"""Calls in a month, and how many a workspace makes in each minute in which it makes any."""
SHOPS = (1_000, 10_000, 100_000)
"""Calls a month of a shop."""
BIGGEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a call asks for on its way to its answer, one question to each tool of the sample shop in the mean."""

    requests: float
    read_units: float
    write_units: float
    milliseconds: float
    answer_bytes: float
    row_bytes: float


def say_money() -> None:
    """Print what was counted, and a bill for each load."""
    call = _call()
    roads = {name: Road(load) for name, load in LOADS.items()}
    for road in roads.values():
        road.live()
    say(
        f"A call: {call.requests:.1f} requests to DynamoDB, {call.read_units:.1f} read units, {call.write_units:.1f} "
        f"write units, {call.milliseconds:.1f} ms of the processor, {call.answer_bytes:,.0f} bytes of answer, a row of "
        f"{call.row_bytes:,.0f}. What follows from it is in the table."
    )
    say_table("Counted for each call, of what follows from it", ("", *roads), _counted(list(roads.values())))
    bills = {name: dict(_bill(road, call)) for name, road in roads.items()}
    say_table("Dollars for a million calls", ("", *bills), _rows(list(bills.values())))
    for name, bill in bills.items():
        biggest = sorted(bill.items(), key=lambda part: part[1], reverse=True)[:BIGGEST]
        say(f"- {name}: {', '.join(f'{part} {dollars / sum(bill.values()):.0%}' for part, dollars in biggest)}.")
    dear, cheap, *_ = (sum(bill.values()) / MILLION for bill in bills.values())
    shops = "; ".join(f"{calls:,} calls {calls * cheap:.2f} to {calls * dear:.2f}" for calls in SHOPS)
    say(f"A shop, in dollars a month: {shops}.")


def say_prices() -> None:
    """Print the bill of a stack that nobody calls, and the prices."""
    say_table("Dollars a month of a stack that nobody calls", ("", "dollars"), _rows([dict(_idle())]))
    say_table(
        f"Prices in {at.REGION}, {at.AS_OF}, without free tiers; what is marked † is from memory",
        ("", "dollars", "for", "page"),
        ((one.unit, f"{one.dollars:g}{'' if one.was_read else ' †'}", f"{one.of:,}", one.page) for one in _prices()),
    )


def _counted(roads: Sequence[Road]) -> Iterator[tuple[str, ...]]:
    for name in ("projector", "sealer"):
        workers: list[Worker] = [getattr(road, name) for road in roads]
        figures: dict[str, list[float]] = {
            "invocations": [each.invocations for each in workers],
            "ms of the processor": [each.seconds * 1000 for each in workers],
            "requests to DynamoDB": [each.engine.spent.requests.total() for each in workers],
            "read units": [each.engine.spent.read_units for each in workers],
            "write units": [each.engine.spent.write_units for each in workers],
            "requests to S3": [each.archive.puts + each.archive.gets for each in workers],
        }
        for what, of_each in figures.items():
            told = (f"{figure / road.load.calls:.2f}" for figure, road in zip(of_each, roads, strict=True))
            yield f"{name}: {what}", *told


def _rows(bills: Sequence[Mapping[str, float]]) -> Iterator[tuple[str, ...]]:
    for part in bills[0]:
        yield part, *(f"{bill[part]:.2f}" for bill in bills)
    yield "all", *(f"{sum(bill.values()):.2f}" for bill in bills)


def _prices() -> Iterator[Price]:
    yield from (each for each in vars(at).values() if isinstance(each, Price))


# --- a million calls --------------------------------------------------------------------------------------------------


def _call() -> Call:
    """Ask the sample shop a question of each tool, once to time the answers and once to count."""
    shop = sample_shop()
    asked = [(question.tool, question.arguments) for question in QUESTIONS]

    def ask(tool: str, arguments: Mapping[str, Any]) -> int:
        shop.clock.advance(seconds=2)  # under the limit
        reply = shop.call(tool, **arguments)
        if reply.result.get("isError"):
            raise RuntimeError(reply.text)
        return len(reply.text.encode())

    ask(*asked[0])  # a container checks a secret once
    began = process_time()
    for each in asked:
        ask(*each)
    took = process_time() - began
    metered = Metered(shop.engine)
    shop.stores, shop.figures = Stores.over(metered), StoredRollups(metered)
    shop.handler = shop.container()
    ask(*asked[0])  # so that it also knows where the token's row stands
    metered.spent = Spent()
    answers = [ask(*each) for each in asked]
    days = shop.engine.query(Table.AUDIT, trail_pk("wks_1", shop.clock().date().isoformat())).items
    return Call(
        requests=metered.spent.requests.total() / len(asked),
        read_units=metered.spent.read_units / len(asked),
        write_units=metered.spent.write_units / len(asked),
        milliseconds=took * 1000 / len(asked),
        answer_bytes=mean(answers),
        row_bytes=mean(item_bytes(row) for row in days if row["type"] == "mcp.call"),
    )


def _bill(road: Road, call: Call) -> Iterator[tuple[str, float]]:
    """Give what each part of a million calls costs."""
    each = MILLION / road.load.calls
    behind = (road.projector, road.sealer)
    archived = sum(map(len, road.archived.values())) * each / GB
    told = MILLION + road.sealer.invocations * each
    yield "API Gateway", at.API_REQUEST(MILLION)
    yield "Lambda, calls", _lambda("McpServer", MILLION, call.milliseconds + call.requests * STORE_MS)
    yield "Lambda, projector", _lambda_of("Projector", road.projector, each)
    yield "Lambda, sealer", _lambda_of("Sealer", road.sealer, each)
    yield "DynamoDB, writes of calls", at.WRITE_UNIT(call.write_units * MILLION)
    yield "DynamoDB, reads of calls", at.READ_UNIT(call.read_units * MILLION)
    yield "DynamoDB, writes of what follows", at.WRITE_UNIT(sum(one.engine.spent.write_units for one in behind) * each)
    yield "DynamoDB, reads of what follows", at.READ_UNIT(sum(one.engine.spent.read_units for one in behind) * each)
    for_a_time, for_ever = (
        sum(row.size for row in road.kept.values() if row.for_ever is ever) * each / GB for ever in (False, True)
    )
    rows = for_a_time + (call.row_bytes + STORED_BYTES) * MILLION / GB
    yield "DynamoDB, rows kept 90 days", _kept(rows * MONTHS_KEPT)
    yield "DynamoDB, a year of seals", _kept(for_ever * MONTHS_A_YEAR)
    yield "S3, requests", at.PUT(road.sealer.archive.puts * each) + at.GET(road.projector.archive.gets * each)
    yield "S3, a year of archive", at.OBJECT_GB(archived * MONTHS_A_YEAR)
    yield "KMS", at.SIGNATURE(road.sealer.invocations * each)
    yield "logs", at.LOG_GB((told * PLATFORM_LOG_BYTES + MILLION * _access_line()) / GB)
    yield "data out", at.OUT_GB(call.answer_bytes * MILLION / GB)


def _lambda_of(function: str, worker: Worker, each: float) -> float:
    requests = worker.engine.spent.requests.total() * STORE_MS
    objects = (worker.archive.puts + worker.archive.gets) * OBJECT_MS
    signed = worker.invocations * SIGNATURE_MS if worker.archive.puts else 0
    waited = (requests + objects + signed) / worker.invocations
    return _lambda(function, worker.invocations * each, worker.seconds * 1000 / worker.invocations + waited)


def _lambda(function: str, invocations: float, milliseconds: float) -> float:
    memory = deployed()[function]["MemorySize"] / 1024
    return at.INVOCATION(invocations) + at.GB_SECOND(invocations * ceil(milliseconds) / 1000 * memory)


def _kept(gigabytes: float) -> float:
    return at.TABLE_GB(gigabytes) + at.RECOVERY_GB(gigabytes)


def _access_line() -> int:
    """Give the bytes of a line of the access log, whose names are about as long as what stands in their place."""
    (stage,) = deployed().of_type("AWS::ApiGatewayV2::Stage").values()
    return len(stage["AccessLogSettings"]["Format"])


# --- a stack that nobody calls ----------------------------------------------------------------------------------------


def _idle() -> Iterator[tuple[str, float]]:
    """Give what each part of a month costs in which the clock alone calls."""
    stack = deployed()
    engine = SqliteEngine()
    workspace(Stores.over(engine))
    sweeper, sealer = Worker(engine, {}), Worker(engine, {})
    sweeper.invocations = sealer.invocations = 1
    sweeper.work(lambda: _sweep(sweeper.stores))
    sealer.work(lambda: _seal(sealer))
    units = sum(one.engine.spent.read_units + one.engine.spent.index_read_units for one in (sweeper, sealer))
    schedules = [name for name, found in stack.resources.items() if found["Type"] == "AWS::Scheduler::Schedule"]
    yield "alarms", at.ALARM(len(stack.of_type("AWS::CloudWatch::Alarm")))
    yield "dashboards", at.DASHBOARD(len(stack.of_type("AWS::CloudWatch::Dashboard")))
    yield "metrics of the clock's functions", at.METRIC(len(EACH_MINUTE))
    yield "secrets", at.SECRET(len(stack.of_type("AWS::SecretsManager::Secret")))
    yield "keys of KMS", at.KEY(len(stack.of_type("AWS::KMS::Key")))
    yield "Lambda, sweeper", _lambda_of("Sweeper", sweeper, MINUTES_A_MONTH)
    yield "Lambda, sealer", _lambda_of("Sealer", sealer, MINUTES_A_MONTH)
    yield "schedules", at.SCHEDULED(len(schedules) * MINUTES_A_MONTH)
    yield "DynamoDB", at.READ_UNIT(units * MINUTES_A_MONTH)
    yield "SQS, polled by Lambda", at.QUEUE_REQUEST(POLLS_A_MONTH)
    yield "logs", at.LOG_GB(len(schedules) * MINUTES_A_MONTH * PLATFORM_LOG_BYTES / GB)


def _sweep(stores: Stores) -> None:
    sweep(
        now=NOON,
        request_id="idle",
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        evidence=stores.evidence,
    )


def _seal(worker: Worker) -> None:
    behind = worker.stores
    seal_trail(
        now=NOON,
        origin=LOG_NAME,
        seals=behind.seals,
        people=behind.people,
        archive=worker.archive,
        signer=KeyInMemory(),
    )
    account_for_calls(now=NOON, calls=behind.counted_calls, audit=behind.audit)
