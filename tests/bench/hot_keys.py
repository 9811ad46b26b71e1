"""At which load what gives way first: a Zipf load on modelled partitions, with the keys and costs that our code has.

What one call and one seal write, and to which partition keys, is counted on a road that really was travelled
(tests/bench/road.py): twice, with many seals and with few, which tells the share of each. That is laid out over the
workspaces of a larger stack, the few that call most first. A partition takes 1,000 write units a second. DynamoDB
splits one that is hot, by partition keys; a single key whose rows come in the order of time is not split to any use.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from itertools import accumulate, pairwise
from math import ceil, inf, log
from random import Random

from shared.domain.plans import PLANS
from shared.storage.engine import Table
from shared.storage.rows.calls import DUE as CALLS_DUE
from shared.storage.rows.envelope import trail_pk
from shared.storage.rows.seals import DUE as SEALS_DUE
from shared.storage.rows.seals import LOG
from tests.bench.money import OBJECT_MS, SIGNATURE_MS, STORE_MS
from tests.bench.road import BATCH, SECONDS, SHARDS, Load, Road
from tests.bench.table import say, say_table
from tests.data.examples import NOON

PARTITION_WRITES = 1_000
"""Write units a second that a partition takes; what is saved up from quiet seconds is left out."""
SEALER_SECONDS = 55
"""That the one sealer has each minute."""
BASE_WORKSPACES, BASE_TOKENS, BASE_CALLS = 100, 1_000, 1_000_000
"""The stack that all is measured by; calls in a month."""
PEAK = 5
"""How many times the month's mean the busiest minute has."""
SCALES = (1, 10, 100, 1_000, 10_000)
MONTH_SECONDS = 30 * 24 * 3600
GATEWAY_CALLS = 500
"""That the stage lets through in a second; an account has 10,000."""
CONCURRENT = 1_000
"""Functions at once, of an account that did not ask for more."""
CALL_MS = 48
"""That a call is taken to last: eight requests to DynamoDB and 7 ms of computing, the mean that `money` counts."""
EXPONENT = 1.0
"""Of Zipf's law: the second of the workspaces calls half as often as the first, the tenth a tenth."""

SEALED = Load(workspaces=24, calls_a_minute=1), Load(workspaces=2, calls_a_minute=12)
"""As many calls, under many seals and under few."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""In a partition key of the trail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What is due to each mark (of a workspace, a second, a shard) and to each seal (of a workspace, a minute)."""

    mark: float
    seal: float

    def of(self, marks: float, seals: float) -> float:
        return self.mark * marks + self.seal * seals


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What follows from calls: write units by kind of key, and the seconds of the functions behind."""

    written: Mapping[tuple[Table, str], Shares]
    sealer: Shares
    projector: Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """The busiest minute at one scale."""

    scale: int
    calls: Counter[int]
    """Workspace -> calls."""
    marks: Counter[int]
    partitions: Mapping[Table, Mapping[str, float]]
    """Table -> partition key -> write units a second."""
    sealer_seconds: float
    projector_seconds: float
    """Of a shard, in a second, in the mean of all."""


def say_hot_keys() -> None:
    """Print the keys that are written, the loads, and what gives way first."""
    costs = _costs()
    say_table(
        "Write units of what follows, by kind of partition key: of each batch with calls of a workspace, of each seal",
        ("", "a batch", "a seal"),
        (
            (f"{table} `{kind}`", f"{one.mark:.1f}", f"{one.seal:.1f}")
            for (table, kind), one in sorted(costs.written.items())
        ),
    )
    say(
        f"The sealer works {costs.sealer.mark * 1000:.0f} ms for each such batch and {costs.sealer.seal * 1000:.0f} "
        f"for each seal, the projector {costs.projector.mark * 1000:.0f} and {costs.projector.seal * 1000:.0f}; "
        f"a request to DynamoDB is taken to last {STORE_MS} ms, one to S3 {OBJECT_MS}."
    )
    minutes = [_minute(scale, costs) for scale in SCALES]
    say_table(
        f"The busiest minute ({PEAK} times the mean) of {BASE_WORKSPACES} workspaces, {BASE_TOKENS:,} tokens and "
        f"{BASE_CALLS:,} calls a month, times so many; in % of what there is",
        ("", *(f"x{minute.scale:,}" for minute in minutes)),
        _rows(minutes),
    )
    say_table("What gives way at which load", ("", "times the base", "calls a second", "calls a month"), _ends(minutes))


def _ends(minutes: Sequence[Minute]) -> Iterator[tuple[str, ...]]:
    """Give the load at which each limit is met, the lowest first; between two scales on a line of logarithms."""
    used = [_used(minute) for minute in minutes]
    ends = {name: met_at([each[name] for each in used]) for name in used[0]}
    for name, scale in sorted(ends.items(), key=lambda end: end[1]):
        if scale < inf:
            calls = BASE_CALLS * scale
            yield name, f"{scale:,.0f}", f"{calls * PEAK / MONTH_SECONDS:,.0f}", f"{calls / 1e6:,.0f} M"
        else:
            yield name, f"> {SCALES[-1]:,}", "", ""


def met_at(shares: Sequence[float]) -> float:
    """Give how many times the base uses all of a limit, of which each scale uses a share."""
    for (low, high), (less, more) in zip(pairwise(SCALES), pairwise(shares), strict=True):
        if less < 1 <= more:
            return low * (high / low) ** (log(1 / less) / log(more / less))
    return inf


def _rows(minutes: Sequence[Minute]) -> Iterator[tuple[str, ...]]:
    yield "calls a second", *(f"{minute.calls.total() / SECONDS:,.1f}" for minute in minutes)
    yield "workspaces that call", *(f"{len(minute.calls):,}" for minute in minutes)
    for table in (Table.CORE, Table.AUDIT):
        yield f"partitions of {table} that are in use", *(f"{_in_use(each.partitions[table]):,}" for each in minutes)
    used = [_used(minute) for minute in minutes]
    for name in used[0]:
        yield name, *(f"{100 * each[name]:,.0f}" if each[name] >= 0.1 else f"{100 * each[name]:.1g}" for each in used)


def _used(minute: Minute) -> dict[str, float]:
    """Give the share of each limit that is used."""
    calls = minute.calls.total() / SECONDS
    ((busiest, _),) = minute.calls.most_common(1)
    core, audit = minute.partitions[Table.CORE], minute.partitions[Table.AUDIT]
    return {
        "sealer, of its 55 seconds a minute": minute.sealer_seconds / SEALER_SECONDS,
        "stage of the API": calls / GATEWAY_CALLS,
        f"key {CALLS_DUE}": core[CALLS_DUE] / PARTITION_WRITES,
        f"key {SEALS_DUE}": core[SEALS_DUE] / PARTITION_WRITES,
        "a shard of the projector, in the mean": minute.projector_seconds,
        "functions at once": calls * CALL_MS / 1000 / CONCURRENT,
        "a day of the busiest workspace": audit[_trail_key(busiest)] / PARTITION_WRITES,
        f"key {LOG}": audit[LOG] / PARTITION_WRITES,
        "row of a token at its limit": PLANS["plus"].per_minute / SECONDS / PARTITION_WRITES,
        **{
            f"{table} as a new table, of {SHARDS} partitions": max(_as_new(minute.partitions[table])) / PARTITION_WRITES
            for table in (Table.CORE, Table.AUDIT)
        },
    }


# --- what is counted --------------------------------------------------------------------------------------------------


def _costs() -> Costs:
    """Travel two roads that differ by their seals only, and share what they cost out."""
    many, few = (Road(load) for load in SEALED)
    for road in (many, few):
        road.live()
    calls = many.load.calls
    if calls != few.load.calls:
        raise ValueError("both roads have as many calls, or their costs cannot be shared out")
    seals = [road.load.workspaces * road.load.minutes for road in (many, few)]

    def shares(*costs: float) -> Shares:
        seal = (costs[0] - costs[1]) / (seals[0] - seals[1])
        return Shares(seal=max(0.0, seal), mark=max(0.0, (costs[0] - seal * seals[0]) / calls))

    written = [_by_kind(road) for road in (many, few)]
    return Costs(
        written={kind: shares(*(each[kind] for each in written)) for kind in written[0] | written[1]},
        sealer=shares(*(_seconds(road, "sealer") for road in (many, few))),
        projector=shares(*(_seconds(road, "projector") for road in (many, few))),
    )


def _by_kind(road: Road) -> Counter[tuple[Table, str]]:
    found: Counter[tuple[Table, str]] = Counter()
    for worker in (road.projector, road.sealer):
        for (table, pk), units in worker.engine.spent.written.items():
            found[table, DAY.sub("{day}", re.sub(r"wks_\d+", "{ws}", re.sub(r"(TOK#)\d+", r"\1{token}", pk)))] += units
    return found


def _seconds(road: Road, function: str) -> float:
    """Give how long a function works, one request after the other."""
    worker = road.sealer if function == "sealer" else road.projector
    asked = worker.engine.spent.requests.total() * STORE_MS + (worker.archive.puts + worker.archive.gets) * OBJECT_MS
    signed = SIGNATURE_MS * worker.invocations if function == "sealer" else 0
    return worker.seconds + (asked + signed) / 1000


# --- what is modelled -------------------------------------------------------------------------------------------------


def _minute(scale: int, costs: Costs) -> Minute:
    chance = Random(scale)
    workspaces = BASE_WORKSPACES * scale
    weights = [*accumulate(1 / rank**EXPONENT for rank in range(1, workspaces + 1))]
    a_second = BASE_CALLS * scale * PEAK / MONTH_SECONDS
    calls: Counter[int] = Counter()
    marks: Counter[int] = Counter()
    for second in range(SECONDS):
        number = int(a_second * (second + 1)) - int(a_second * second)
        called = Counter(chance.choices(range(workspaces), cum_weights=weights, k=number))
        calls += called
        # The calls of a workspace in one second are in one batch of a shard, unless they are more than it takes.
        marks += Counter({workspace: ceil(each / BATCH) for workspace, each in called.items()})
    partitions = _written(calls, marks, costs)
    shards = sum(map(_in_use, partitions.values()))  # the projector reads them side by side
    return Minute(
        scale=scale,
        calls=calls,
        marks=marks,
        partitions=partitions,
        sealer_seconds=costs.sealer.of(marks.total(), len(calls)),
        projector_seconds=costs.projector.of(marks.total(), len(calls)) / SECONDS / shards,
    )


def _written(calls: Counter[int], marks: Counter[int], costs: Costs) -> dict[Table, dict[str, float]]:
    """Lay the minute's writes out over the keys that they go to, in units a second."""
    found: dict[Table, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for workspace, number in calls.items():
        found[Table.AUDIT][_trail_key(workspace)] += number
        found[Table.CORE][f"TOK#{_id(workspace)}"] += number  # all tokens of a workspace as one: no token is ever hot
        for (table, kind), cost in costs.written.items():
            pk = (
                kind.replace("{ws}", _id(workspace))
                .replace("{token}", _id(workspace))
                .replace("{day}", f"{NOON.date()}")
            )
            found[table][pk] += cost.of(marks[workspace], 1)
    return {table: {pk: units / SECONDS for pk, units in keys.items()} for table, keys in found.items()}


def _as_new(keys: Mapping[str, float]) -> list[float]:
    """Give the load of each partition of a table that has just been made."""
    load = [0.0] * SHARDS
    for pk, units in keys.items():
        load[_hash(pk) * SHARDS >> 32] += units
    return load


def after_splits(keys: Mapping[str, float]) -> list[float]:
    """Give the load of each partition when all that are too hot have been split, as long as they hold two keys."""
    hashed = sorted((_hash(pk), units) for pk, units in keys.items())
    width = (1 << 32) // SHARDS
    found: list[float] = []
    waiting = [(first, first + width) for first in range(0, 1 << 32, width)]
    while waiting:
        first, last = waiting.pop()
        within = hashed[bisect(hashed, (first,)) : bisect(hashed, (last,))]
        load = sum(units for _, units in within)
        if load <= PARTITION_WRITES or len(within) == 1:
            found.append(load)
        else:
            middle = (first + last) // 2
            waiting += [(first, middle), (middle, last)]
    return found


def _in_use(keys: Mapping[str, float]) -> int:
    """Count the partitions that have more to do than next to nothing; a new table has four."""
    return max(SHARDS, sum(load > PARTITION_WRITES / 10 for load in after_splits(keys)))


def _hash(pk: str) -> int:
    return int.from_bytes(md5(pk.encode(), usedforsecurity=False).digest()[:4])


def _id(workspace: int) -> str:
    return f"wks_{workspace:016d}"


def _trail_key(workspace: int) -> str:
    return trail_pk(_id(workspace), NOON.date().isoformat())
