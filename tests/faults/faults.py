"""What may befall a request on the wire, each fault by its name."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from functions.wiring import now
from tests.faults.wire import BATCHES, TRANSACTION, Asked, Befall, Exchange, Told, nothing

TEN_MINUTES = timedelta(minutes=10)
SIGNATURE_HOLDS = timedelta(minutes=5)
"""So much may AWS's clock and that of whoever signs differ."""
AMZ_DATE = "%Y%m%dT%H%M%SZ"
PATIENCE_SECONDS = 0.3
"""How long an engine waits for an answer where it shall wait in vain."""
SLOWLY_SECONDS = 0.2
"""How long it waits where it shall not."""
AT_EASE_SECONDS = 60.0
"""How long it waits where nothing is late but by a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, and which requests it can befall."""

    name: str
    befall: Befall
    fits: Callable[[Asked], bool] = lambda _: True
    after: bool = False
    """Whether the store has done what was asked before the fault."""
    patience: float = AT_EASE_SECONDS
    may_last: bool = True
    tried_again: bool = True
    """Whether the request is made again at once, so that nobody is told of a fault that befalls one."""


# --- the store says no ------------------------------------------------------------------------------------------------


def _refusing(code: str, *, status: int = 400) -> Befall:
    return lambda exchange: exchange.tell(Told.error(code, status=status))


def _of_a_transaction(reason: str, otherwise: str) -> Befall:
    """Refuse a transaction over its first write, and any other write by itself."""

    def befall(exchange: Exchange) -> None:
        if exchange.asked.operation != TRANSACTION:
            exchange.tell(Told.error(otherwise))
            return
        _, *others = exchange.asked.json["TransactItems"]
        reasons = [{"Code": reason, "Message": "as the tests say"}, *({"Code": "None"} for _ in others)]
        exchange.tell(Told.error("TransactionCanceledException", CancellationReasons=reasons))

    return befall


def _still_under_way(exchange: Exchange) -> None:
    """Say that the same transaction is not over yet: its client has lost patience too early."""
    exchange.carry_out()
    exchange.tell(Told.error("TransactionInProgressException"))


def _signed_by_a_clock(ahead: timedelta) -> Befall:
    """Be the store that the asking container's clock is so much ahead of; it lets clocks differ by five minutes."""

    def befall(exchange: Exchange) -> None:
        signed = datetime.strptime(exchange.headers["X-Amz-Date"], AMZ_DATE).replace(tzinfo=UTC)
        here = now() - ahead
        early, late = here - SIGNATURE_HOLDS, here + SIGNATURE_HOLDS
        if signed < early:
            told = f"Signature expired: {signed:{AMZ_DATE}} is now earlier than {early:{AMZ_DATE}}"
        elif signed > late:
            told = f"Signature not yet current: {signed:{AMZ_DATE}} is still later than {late:{AMZ_DATE}}"
        else:
            return nothing(exchange)
        return exchange.tell(Told.error("InvalidSignatureException", message=told))

    return befall


# --- nothing is heard -------------------------------------------------------------------------------------------------


def _swallowed(exchange: Exchange) -> None:
    exchange.stay_silent()


def _unheard(exchange: Exchange) -> None:
    exchange.carry_out()
    exchange.stay_silent()


def _cut(exchange: Exchange) -> None:
    exchange.reset()


def _cut_after(exchange: Exchange) -> None:
    exchange.carry_out()
    exchange.reset()


def _slow(exchange: Exchange) -> None:
    told = exchange.carry_out()
    Event().wait(SLOWLY_SECONDS)  # the wire is what takes the time: nobody waits for anything to be over
    exchange.tell(told)


# --- what is heard is wrong -------------------------------------------------------------------------------------------


def _no_json(exchange: Exchange) -> None:
    exchange.carry_out()
    exchange.tell(Told(200, b"<html>502 Bad Gateway</html>"))


def _cut_short(exchange: Exchange) -> None:
    told = exchange.carry_out()
    exchange.tell(Told(told.status, told.body[:-1]), length=len(told.body), checksum=zlib.crc32(told.body))


def _damaged(exchange: Exchange) -> None:
    told = exchange.carry_out()
    exchange.tell(told, checksum=zlib.crc32(told.body) ^ 1)


# --- only part of it is done ------------------------------------------------------------------------------------------


def _half_of_the_keys(exchange: Exchange) -> None:
    """Read the first half of the keys, and say that the others are left."""
    wanted: dict[str, dict[str, Any]] = exchange.asked.json["RequestItems"]
    now = {table: {**each, "Keys": each["Keys"][: -(-len(each["Keys"]) // 2)]} for table, each in wanted.items()}
    left = {table: {**each, "Keys": each["Keys"][len(now[table]["Keys"]) :]} for table, each in wanted.items()}
    told = exchange.carry_out({**exchange.asked.json, "RequestItems": now})
    unprocessed = {table: each for table, each in left.items() if each["Keys"]}
    exchange.tell(Told.of({**told.json, "UnprocessedKeys": unprocessed}))


def _none_of_the_keys(exchange: Exchange) -> None:
    exchange.tell(Told.of({"Responses": {}, "UnprocessedKeys": exchange.asked.json["RequestItems"]}))


def _is_batch(asked: Asked) -> bool:
    return asked.operation in BATCHES


def _is_write(asked: Asked) -> bool:
    return asked.is_write


def _is_transaction(asked: Asked) -> bool:
    return asked.operation == TRANSACTION


FAULTS: Sequence[Fault] = (
    Fault(name="throttled", befall=_refusing("ProvisionedThroughputExceededException")),
    Fault(name="throttled as a whole", befall=_refusing("ThrottlingException")),
    Fault(name="a fault of the store (500)", befall=_refusing("InternalServerError", status=500)),
    Fault(name="the store is away (503)", befall=_refusing("ServiceUnavailable", status=503)),
    Fault(name="a clock ten minutes ahead", befall=_signed_by_a_clock(TEN_MINUTES), tried_again=False),
    Fault(name="a clock ten minutes behind", befall=_signed_by_a_clock(-TEN_MINUTES), tried_again=False),
    Fault(name="a right taken away", befall=_refusing("AccessDeniedException"), tried_again=False),
    Fault(
        name="another transaction",
        befall=_of_a_transaction("TransactionConflict", "TransactionConflictException"),
        fits=_is_write,
    ),
    Fault(
        name="an item that is throttled",
        befall=_of_a_transaction("ThrottlingError", "ProvisionedThroughputExceededException"),
        fits=_is_write,
    ),
    Fault(name="the same, still under way", befall=_still_under_way, fits=_is_transaction, after=True),
    Fault(name="silence before it is done", befall=_swallowed, patience=PATIENCE_SECONDS),
    Fault(name="silence after it is done", befall=_unheard, after=True, patience=PATIENCE_SECONDS),
    Fault(name="reset before it is done", befall=_cut),
    Fault(name="reset after it is done", befall=_cut_after, after=True),
    Fault(name="a slow answer", befall=_slow, after=True, patience=2 * PATIENCE_SECONDS, may_last=False),
    Fault(name="an answer that is no JSON", befall=_no_json, after=True),
    Fault(name="an answer cut short", befall=_cut_short, after=True),
    Fault(name="an answer with a wrong checksum", befall=_damaged, after=True),
    Fault(name="half of the keys of a batch", befall=_half_of_the_keys, fits=_is_batch, may_last=False),
    Fault(name="none of the keys of a batch", befall=_none_of_the_keys, fits=_is_batch, tried_again=False),
)


# --- nobody is left to hear it ----------------------------------------------------------------------------------------


def _needs_a_victim(_: Exchange) -> None:
    raise LookupError("`killing` says who is killed")


KILLS: Sequence[Fault] = (
    Fault(name="killed before it is done", befall=_needs_a_victim, may_last=False),
    Fault(name="killed after it is done", befall=_needs_a_victim, after=True, may_last=False),
)
"""The process that asks is ended."""


def killing(kill: Callable[[], None], fault: Fault) -> Fault:
    """Say how the process is ended."""

    def befall(exchange: Exchange) -> None:
        if fault.after:
            exchange.carry_out()
        kill()
        exchange.reset()

    return replace(fault, befall=befall)


def at(number: int, fault: Fault, *, lasting: bool) -> Befall:
    """Let a fault befall the request of a number, counted from 0; if it lasts, every one from there on that it fits."""

    def befall(exchange: Exchange) -> None:
        asked = exchange.asked
        meets = fault.fits(asked) and (asked.number == number or (lasting and asked.number > number))
        (fault.befall if meets else nothing)(exchange)

    return befall
