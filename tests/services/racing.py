"""Containers that keep calling while tokens are taken out of use, and whom they let in after that was answered.

What comes after what is told by a clock that every call and every answer takes a number from. A call counts as a try
where its number, taken before it began, is higher than the one taken after the end of its token was answered.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from shared.services.create_token import NewToken
from shared.services.credentials.token_format import read_token
from shared.services.gate import Gate, Pass
from shared.services.manage_tokens import revoke_token, suspend_token
from shared.services.refusals import Reason, Refusal
from shared.services.report_leaks import report_leaks
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, member, origin, rotation, workspace
from tests.services.place import send

PROCESSES, CONTAINERS = 2, 3
"""Processes, and in each of them threads that serve as a container each: a gate and an engine of its own."""
ENDERS = 2
BATCH = 8
"""Tokens that are called and ended side by side."""
EARLIER, AFTERWARDS = 3, 3
"""Calls of each container to each token before its end, and one more after each end beside it; and tries after it."""
PATIENCE_SECONDS = 120.0
A_TICK = timedelta(seconds=5)
"""So much time passes from number to number, so that no window of any plan is ever full."""
COLD_ONE_IN = 4
"""So many tokens each container meets in the middle of it all, the others are remembered from before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A way to take a token out of use, and what its bearer is told from then on."""

    act: Callable[[Stores, NewToken, datetime], object]
    reason: Reason


def _revoke(stores: Stores, made: NewToken, at: datetime) -> None:
    _change(revoke_token, stores, made, at)


def _suspend(stores: Stores, made: NewToken, at: datetime) -> None:
    _change(suspend_token, stores, made, at)


def _change(service: Callable[..., object], stores: Stores, made: NewToken, at: datetime) -> None:
    service(
        made.token.token_id,
        reason="seen in a log",
        workspace_id=made.token.workspace_id,
        member=member(stores, workspace_id=made.token.workspace_id),
        origin=origin("mem_olivia"),
        now=at,
        keys=KEYS,
        tokens=stores.tokens,
    )


def _rotate(stores: Stores, made: NewToken, at: datetime) -> None:
    rotation(stores, made.token.token_id, overlap=0, at=at)


def _report(stores: Stores, made: NewToken, at: datetime) -> None:
    assert report_leaks([made.text], source="tests", origin=origin(), now=at, keys=KEYS, tokens=stores.tokens)


ENDINGS: dict[str, Ending] = {
    "revoked": Ending(act=_revoke, reason=Reason.TOKEN_REVOKED),
    "suspended": Ending(act=_suspend, reason=Reason.TOKEN_SUSPENDED),
    "rotated, no overlap": Ending(act=_rotate, reason=Reason.TOKEN_ROTATED),
    "reported as leaked": Ending(act=_report, reason=Reason.TOKEN_REVOKED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the calls."""

    tries: int = 0
    """Calls that began after the end of their token had been answered."""
    let_in: int = 0
    """Those of them that were let in."""
    asked: int = 0
    """Those of them that were decided by the store; the others by what the container remembered."""
    refused: Counter[Reason] = field(default_factory=Counter[Reason])
    """Why those of them were refused that were."""
    earlier: int = 0
    """Calls that began before."""
    earlier_let_in: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            tries=self.tries + other.tries,
            let_in=self.let_in + other.let_in,
            asked=self.asked + other.asked,
            refused=self.refused + other.refused,
            earlier=self.earlier + other.earlier,
            earlier_let_in=self.earlier_let_in + other.earlier_let_in,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all processes see."""

    clock: Any
    """The last number that was taken."""
    over: Any
    """For each token the number taken when its end was answered (0: not yet)."""
    start: Any
    """Where everybody waits before each batch."""
    news: Any
    """Where containers wait that have called enough: only so do the enders get a turn at the file."""

    def tick(self) -> int:
        with self.clock.get_lock():
            self.clock.value += 1
            return self.clock.value

    def answered(self, place: int) -> None:
        """Note that the end of a token has been answered."""
        self.over[place] = self.tick()
        with self.news:
            self.news.notify_all()

    def wait_for_news(self, places: Iterable[int]) -> None:
        """Wait until one of these tokens has ended."""
        with self.news:
            assert self.news.wait_for(lambda: any(self.over[place] for place in places), timeout=PATIENCE_SECONDS)


def race(ending: Ending, *, tries: int, folder: Path) -> Tally:
    """Let containers call and tokens end until there have been so many tries."""
    path = folder / "store.db"
    a_token = PROCESSES * CONTAINERS * AFTERWARDS
    made = _prepare(path, count=-(-tries // (a_token * BATCH)) * BATCH)
    spawn = get_context("spawn")
    shared = Shared(
        clock=spawn.Value("q", 0),
        over=spawn.RawArray("q", len(made)),
        start=spawn.Barrier(PROCESSES * CONTAINERS + ENDERS, timeout=PATIENCE_SECONDS),
        news=spawn.Condition(),
    )
    texts = [one.text for one in made]
    with (
        ProcessPoolExecutor(PROCESSES, mp_context=spawn, initializer=_share, initargs=(shared,)) as processes,
        ThreadPoolExecutor(ENDERS) as enders,
    ):
        ended = [enders.submit(_end, ending, path, made, number, shared) for number in range(ENDERS)]
        called = [processes.submit(_serve, path, texts, number) for number in range(PROCESSES)]
        _results(ended)
        return reduce(Tally.__add__, _results(called))


def _results(futures: Sequence[Future[Any]]) -> list[Any]:
    return [each.result() for each in futures]


def _prepare(path: Path, *, count: int) -> list[NewToken]:
    """Make tokens, every other one under a limit of its own, the rest under their workspace's."""
    engine = SqliteEngine(path)
    stores = Stores.over(engine)
    workspace(stores)
    workspace(stores, "wks_2", plan="alpha")
    made = many_tokens(
        engine, (Wanted(owner="olivia", at=NOON, workspace_id=f"wks_{1 + number % 2}") for number in range(count))
    )
    engine.close()
    return made


def _end(ending: Ending, path: Path, made: Sequence[NewToken], number: int, shared: Shared) -> None:
    """Take this ender's share of each batch out of use."""
    stores = Stores.over(SqliteEngine(path, patience_seconds=PATIENCE_SECONDS))
    try:
        for first in range(0, len(made), BATCH):
            shared.start.wait()
            for place in range(first + number, first + BATCH, ENDERS):
                ending.act(stores, made[place], NOON + shared.tick() * A_TICK)
                shared.answered(place)
    except BaseException:
        shared.start.abort()
        shared.over[:] = [1] * len(made)  # nobody is to wait for an end that does not come
        raise


# --- in the processes of the containers -------------------------------------------------------------------------------

_shared: list[Shared] = []


def _share(shared: Shared) -> None:
    logging.disable(logging.CRITICAL)  # a row that too many call at once says so in the log, which is no news here
    _shared.append(shared)


def _serve(path: Path, texts: Sequence[str], process: int) -> Tally:
    (shared,) = _shared
    with ThreadPoolExecutor(CONTAINERS) as threads:
        seeds = [process * CONTAINERS + thread for thread in range(CONTAINERS)]
        engine = SqliteEngine(path, patience_seconds=PATIENCE_SECONDS)
        tallies = _results([threads.submit(_call, engine, texts, seed, shared) for seed in seeds])
        engine.close()
    return reduce(Tally.__add__, tallies)


def _call(engine: SqliteEngine, texts: Sequence[str], seed: int, shared: Shared) -> Tally:
    """Be a container: call the tokens of each batch in any order until each was tried often enough after its end."""
    stores = Stores.over(engine)
    gate = Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit)
    ids = [token.token_id for text in texts if (token := read_token(text, KEYS))]
    chance = Random(seed)
    tally = Tally()
    for first in range(0, len(texts), BATCH):
        left: dict[int, int] = dict.fromkeys(range(first, first + BATCH), AFTERWARDS)
        for place in left:
            if place % COLD_ONE_IN:
                send(gate, texts[place], at=NOON + shared.tick() * A_TICK)
        shared.start.wait()
        earlier = dict.fromkeys(left, EARLIER)
        while left:
            ready = [place for place in left if shared.over[place] or earlier[place]]
            if not ready:
                shared.wait_for_news(left)
                earlier = dict.fromkeys(left, 1)
                continue
            place = chance.choice(ready)
            number = shared.tick()
            is_try = 0 < shared.over[place] < number
            at = NOON + number * A_TICK
            asked = gate.denials.recall(ids[place], now=at, counted=True) is None
            answer = send(gate, texts[place], at=at, request_id=f"{seed}-{number}")
            tally += _told(answer, is_try=is_try, asked=asked)
            if is_try:
                left[place] -= 1
                left = {token: tries for token, tries in left.items() if tries}
            else:
                earlier[place] = max(0, earlier[place] - 1)
    return tally


def _told(answer: Pass | Refusal, *, is_try: bool, asked: bool) -> Tally:
    is_in = isinstance(answer, Pass)
    if not is_try:
        return Tally(earlier=1, earlier_let_in=int(is_in))
    refused = Counter[Reason]() if isinstance(answer, Pass) else Counter({answer.reason: 1})
    return Tally(tries=1, let_in=int(is_in), asked=int(asked), refused=refused)
