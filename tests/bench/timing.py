"""Whether time tells a right bearer from a wrong one, or how much of a wrong one is right.

After dudect (Reparaz, Balasch, Verbauwhede, 2017): kinds of input are measured in turns that chance decides, the
slowest measurements are left out, and the means are compared. Which letters a bearer has moves its time by some
nanoseconds, whether they are right or not; so it is done with many tokens, and Student's t says whether the differences
of all have a mean other than 0. Beyond 4.5 they have. And a processor is quicker with what it has just seen: bearers
with the right secret and with one wrong one are shown equally often, and one kind is measured several times as if it
were several (the controls). What is apart no further than a control means nothing.
Measured is the processor's time of this thread: who asks over a network sees the same through much noise.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from statistics import fmean, quantiles, stdev
from time import thread_time_ns

from shared.services.credentials.token_format import (
    ALPHABET,
    CHECK_LENGTH,
    ID_LENGTH,
    LENGTH,
    TAG_LENGTH,
    new_id,
    new_token,
)
from shared.services.credentials.verified import VerifiedCredentials
from shared.services.verify_token import verify_token
from tests.bench.table import say, say_table
from tests.data.stores import memory_stores
from tests.data.tenants import KEYS, token, workspace

ROUNDS = 16
"""Each with a token of its own."""
QUICK, SLOW = 3_000, 10
"""Measurements of a kind in a round: of those that take microseconds, and of those in which argon2 runs."""
BEARERS = 250
"""Of each kind."""
KEPT = 0.9
"""The part of the measurements that is compared: the slowest were disturbed."""
DIFFERENT = 4.5

Show = Callable[[], object]
Nanoseconds = Sequence[int]


def say_timing() -> None:
    """Print how long a verification takes by what was shown, and which kinds can be told apart."""
    logging.getLogger("shared").setLevel(logging.CRITICAL)  # it tells of each wrong secret, as it should
    rounds = [_round() for _ in range(ROUNDS)]
    measured = {name: [each for one in rounds for each in one[name]] for name in rounds[0]}
    say_table(
        "A verification, by what is shown, in microseconds of the processor",
        ("", "first tenth", "median", "last tenth"),
        _spread(measured),
    )
    say_table(
        "Can time tell them apart? Student's t; yes beyond 4.5, if they are further apart than every control",
        ("", "from", "ns", "t"),
        _compared(rounds),
    )
    say(
        "Without the pepper an attacker can make only the first kinds, down to `all of the secret off`. "
        "A control is one kind compared with itself: a difference no larger means nothing."
    )


NO_SHAPE, NOTHING_RIGHT = "no token's shape", "no check digit right"
CONTROLS = tuple(f"no check digit right, control {number}" for number in range(1, 5))
DECOYS = tuple(f"decoy {number}" for number in range(len(CONTROLS) + 2))
"""As `ALL_OFF`, so that its secret is shown as often as the right one; nobody looks at their figures."""
ALL_BUT_ONE, ONE_OFF, ALL_OFF = "all but the last right", "one letter of the secret off", "all of the secret off"
KNOWN, NO_ROW = "right, and met before", "unknown id, right check"
FIRST, WRONG = "right, at first sight", "wrong secret, right check"
PAIRS = (
    *((control, NOTHING_RIGHT) for control in CONTROLS),
    (ALL_BUT_ONE, NOTHING_RIGHT),
    (ONE_OFF, ALL_OFF),
    (WRONG, FIRST),
    (NO_ROW, NOTHING_RIGHT),
    (KNOWN, NOTHING_RIGHT),
)


def _round() -> Mapping[str, Nanoseconds]:
    quick, slow = _kinds()
    return {**_measured(quick, QUICK), **_measured(slow, SLOW)}


def _kinds() -> tuple[Mapping[str, Show], Mapping[str, Show]]:
    """Give what is shown, by name: what takes microseconds, and that in which argon2 runs."""
    stores = memory_stores()
    workspace(stores)
    made = token(stores)
    text, kind = made.text, made.token.kind
    body, check = text[:-CHECK_LENGTH], text[-CHECK_LENGTH:]
    met = VerifiedCredentials()

    wrong = "".join(map(_other, check[:-1]))
    secret_ends = LENGTH - CHECK_LENGTH - 1

    def no_digit_right() -> str:
        return body + wrong + _other(check[-1])

    begun = text[: TAG_LENGTH + 1 + ID_LENGTH]
    secret = text[len(begun) : secret_ends]
    off = "".join(map(_other, secret))

    def with_secret(but_the_last: str) -> str:
        return begun + but_the_last + _other(text[secret_ends]) + check

    # Of each kind one letter varies: a processor foresees what is always the same.
    draws: Mapping[str, Callable[[], str]] = {
        NO_SHAPE: lambda: text[: random.randrange(TAG_LENGTH, LENGTH)],
        NOTHING_RIGHT: no_digit_right,
        **dict.fromkeys(CONTROLS, no_digit_right),
        ALL_BUT_ONE: lambda: text[:-1] + _other(text[-1]),
        ONE_OFF: lambda: with_secret(secret),
        **dict.fromkeys((ALL_OFF, *DECOYS), lambda: with_secret(off)),
        KNOWN: lambda: text,
        NO_ROW: lambda: new_token(kind, new_id(), KEYS).text,
        FIRST: lambda: text,
        WRONG: lambda: new_token(kind, made.token.token_id, KEYS).text,
    }

    def shown(headers: Sequence[str], verified: Callable[[], VerifiedCredentials]) -> Show:
        return lambda: verify_token(random.choice(headers), keys=KEYS, tokens=stores.tokens, verified=verified())

    drawn = _side_by_side({name: [draw() for _ in range(BEARERS)] for name, draw in draws.items()})
    slow = {name: shown(drawn[name], VerifiedCredentials) for name in (FIRST, WRONG)}
    quick = {name: shown(headers, lambda: met) for name, headers in drawn.items() if name not in slow}
    quick[KNOWN]()  # argon2 runs, and the container has met it
    return quick, slow


def _side_by_side(drawn: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Write the headers of all kinds in turns, for where they lie in memory tells in how long they are read."""
    headers: dict[str, list[str]] = {name: [] for name in drawn}
    for place in range(BEARERS):
        for name in random.sample(list(drawn), len(drawn)):
            headers[name].append(f"Bearer {drawn[name][place]}")
    return headers


def _other(letter: str) -> str:
    return random.choice(ALPHABET.replace(letter, ""))


def _measured(kinds: Mapping[str, Show], times: int) -> Mapping[str, Nanoseconds]:
    """Measure each kind so many times, in an order that chance decides."""
    order = [name for name in kinds for _ in range(times)]
    random.shuffle(order)
    found: dict[str, list[int]] = {name: [] for name in kinds}
    for name in order:
        show = kinds[name]
        began = thread_time_ns()
        show()
        found[name].append(thread_time_ns() - began)
    return found


def _spread(measured: Mapping[str, Nanoseconds]) -> Iterator[Sequence[str]]:
    for name, nanoseconds in measured.items():
        if name in DECOYS:
            continue
        tenths = quantiles(nanoseconds, n=10)
        yield name, *(f"{tenths[place] / 1000:,.1f}" for place in (0, 4, 8))


def _compared(rounds: Sequence[Mapping[str, Nanoseconds]]) -> Iterator[Sequence[str]]:
    apart = {
        (one, other): [_undisturbed_mean(each[one]) - _undisturbed_mean(each[other]) for each in rounds]
        for one, other in PAIRS
    }
    by_chance = max(abs(fmean(found)) for (one, _), found in apart.items() if one in CONTROLS)
    for (one, other), found in apart.items():
        t = fmean(found) / (stdev(found) / sqrt(len(found)))
        told = abs(t) > DIFFERENT and abs(fmean(found)) > by_chance
        yield one, other, f"{fmean(found):,.0f}", f"{t:.1f} ({'yes' if told else 'no'})"


def _undisturbed_mean(nanoseconds: Nanoseconds) -> float:
    return fmean(sorted(nanoseconds)[: int(len(nanoseconds) * KEPT)])
