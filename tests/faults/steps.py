"""What is done while faults befall it: for each step what it finds, how it is asked for, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.scopes import Scope
from shared.services.folds.fold_workspace import fold_workspace
from shared.services.imports.import_upload import import_upload
from shared.services.sweep import sweep
from shared.services.trail.account_calls import account_for_calls
from shared.services.trail.seal_trail import seal_trail
from shared.transports.stream import take_changes
from tests.data.merchants import Merchant, as_file, header, order, refund
from tests.data.tenants import A_DAY, KEYS, NOON, token, workspace
from tests.doors.events import event
from tests.faults.container import SIGNER, Container, Seen
from tests.services.lived import Lived
from tests.services.mortal_changes import NOW as WHEN_MUCH_IS_DUE
from tests.services.mortal_changes import OF_WHAT_WAITS
from tests.services.place import let_in, send, settle
from tests.services.trail.sealing import A_MINUTE, LOG_NAME
from tests.transports.http.issuer import LoopbackIssuer

Known = Mapping[str, Any]
"""What a step needs to know of its scene; it goes to other processes."""
HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What scenes are made of."""

    lived: Lived
    container: Container
    """One over the same store, whose files are there already."""
    issuer: LoopbackIssuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that takes several requests to the store."""

    name: str
    scene: Callable[[Surroundings], Known]
    act: Callable[[Container, Known], Seen]
    happens: Mapping[str, int]
    """The events that it leads to however often it is asked for, counted by hand."""
    now: datetime = NOON
    asks_calls: bool = False
    """Whether each time it is asked for is a call of its own."""
    calls_before: int = 0
    """Made in the same window already."""


# --- whom people and programs ask -------------------------------------------------------------------------------------


def _shop(around: Surroundings) -> dict[str, Any]:
    stores = around.lived.stores
    workspace(stores, issuer=around.issuer.url)
    made = token(stores, name="of olivia", at=NOON - A_DAY, scopes=frozenset(Scope))
    return {
        "token_id": made.token.token_id,
        "token": made.text,
        "bearer": around.issuer.bearer("olivia", now=NOON),
    }


def _create(container: Container, known: Known) -> Seen:
    return container.answer(container.rest, event("rest_create_token", owner_bearer=known["bearer"]))


def _rotate(container: Container, known: Known) -> Seen:
    asked = event("rest_rotate_token", owner_bearer=known["bearer"], token_id=known["token_id"])
    asked["headers"]["idempotency-key"] = "key-1"
    return container.answer(container.rest, asked)


def _revoke(container: Container, known: Known) -> Seen:
    asked = event("rest_revoke_token", owner_bearer=known["bearer"], token_id=known["token_id"])
    return container.answer(container.rest, asked)


def _shop_with_figures(around: Surroundings) -> dict[str, Any]:
    known = _shop(around)
    _merchant(around).import_lines(*FIRST)
    _call_once(around, known)
    return known


def _shop_of_many(around: Surroundings) -> dict[str, Any]:
    """Give a workspace whose tokens share a limit."""
    stores = around.lived.stores
    workspace(stores, plan="alpha", issuer=around.issuer.url)
    made = token(stores, name="of olivia", at=NOON - A_DAY, scopes=frozenset(Scope))
    _merchant(around).import_lines(*FIRST)
    _call_once(around, {"token": made.text})
    return {"token": made.text}


def _call_once(around: Surroundings, known: Known) -> None:
    passed = let_in(send(around.lived.gate, known["token"], at=NOON))
    assert settle(around.lived.gate, passed, at=NOON) is None


def _call(container: Container, known: Known) -> Seen:
    return container.answer(container.mcp, event("mcp_tools_call_2026_07_28", token=known["token"]))


# --- what AWS asks for ------------------------------------------------------------------------------------------------


def _sweep(container: Container, _: Known) -> Seen:
    on = container.stores
    return _told(
        lambda: sweep(
            now=container.now,
            request_id="sweep-1",
            keys=KEYS,
            tokens=on.tokens,
            workspaces=on.workspaces,
            evidence=on.evidence,
        )
    )


FIRST = [header("2026-11-10T00:00:00Z"), order(1, customer="a"), order(2, "2026-09-05", customer="b")]
SECOND = [header("2026-11-11T00:00:00Z"), order(1, customer="a", shipping="5.00"), refund()]


def _merchant(around: Surroundings) -> Merchant:
    return Merchant(engine=around.lived.engine, objects=around.container.objects, now=NOON)


def _file_that_has_arrived(around: Surroundings) -> dict[str, Any]:
    workspace(around.lived.stores)
    merchant = _merchant(around)
    merchant.import_lines(*FIRST)
    record = merchant.send(as_file(SECOND))
    return {"key": f"raw/wks_1/{record.import_id}"}


def _import(container: Container, known: Known) -> Seen:
    """Do what the importer does with a delivery, and with those that it sends itself."""

    def deliver() -> None:
        messages = container.queue.messages = [known["key"]]
        while messages:
            import_upload(messages.pop(0), request_id="import-1", tools=container.importer)

    return _told(deliver)


def _file_that_is_imported(around: Surroundings) -> dict[str, Any]:
    workspace(around.lived.stores)
    merchant = _merchant(around)
    merchant.import_lines(*FIRST)
    merchant.import_bytes(as_file(SECOND))
    return {}


def _fold(container: Container, _: Known) -> Seen:
    return _told(lambda: fold_workspace("wks_1", tools=container.folding))


def _changes_to_follow(around: Surroundings) -> dict[str, Any]:
    """Give the changes that a call, the first use of a token and a seal lead to, as the streams tell them."""
    known = _shop(around)
    _seal_all(around)
    around.lived.new_records()
    _call_once(around, known)
    _seal_all(around)
    return known | {"records": around.lived.new_records()}


def _follow(container: Container, known: Known) -> Seen:
    following = container.following
    answer = take_changes({"Records": known["records"]}, following.take, following.finish)
    return Seen(code="comes again" if answer["batchItemFailures"] else "")


def _trail_to_seal(around: Surroundings) -> dict[str, Any]:
    """Give rows that nobody has sealed, and a call that was counted and of which nothing more is known."""
    known = _shop(around)
    for _ in range(2):
        _call_once(around, known)
    let_in(send(around.lived.gate, known["token"], at=NOON))  # its process dies
    following = replace(around.container, now=NOON).following
    take_changes({"Records": around.lived.new_records()}, following.take, following.finish)
    return known


def _seal(container: Container, _: Known) -> Seen:
    def seal_and_account() -> None:
        try:
            seal(container, now=container.now)
        finally:
            account_for_calls(now=container.now, calls=container.stores.counted_calls, audit=container.stores.audit)

    return _told(seal_and_account)


def seal(container: Container, *, now: datetime) -> None:
    """Seal what is marked."""
    on = container.stores
    seal_trail(now=now, origin=LOG_NAME, seals=on.seals, people=on.people, archive=container.archive, signer=SIGNER)


def _seal_all(around: Surroundings) -> None:
    around.lived.stores.seals.mark("wks_1", since=NOON - 2 * A_DAY, until=NOON, now=NOON)
    seal(around.container, now=NOON + A_MINUTE)


def _told(ask: Callable[[], object]) -> Seen:
    """Ask a function as AWS does, which asks again if it fails; `is_clear` judges what it may fail with."""
    try:
        ask()
    except Exception as failure:  # noqa: BLE001 - whatever it is belongs into the table
        return Seen(code=type(failure).__name__)
    return Seen()


(_OF_SWEEP,) = (operation for operation in OF_WHAT_WAITS if operation.name == "sweep")

STEPS = (
    Step(name="create", scene=_shop, act=_create, happens={"token.created": 1}),
    Step(name="rotate", scene=_shop, act=_rotate, happens={"token.rotated": 1, "token.created": 1}),
    Step(name="revoke", scene=_shop, act=_revoke, happens={"token.revoked": 1}),
    Step(name="call", scene=_shop_with_figures, act=_call, happens={}, asks_calls=True, calls_before=1),
    Step(name="call, one limit for all", scene=_shop_of_many, act=_call, happens={}, asks_calls=True, calls_before=1),
    Step(
        name="sweep",
        scene=lambda around: _OF_SWEEP.scene(around.lived),
        act=_sweep,
        happens=_OF_SWEEP.happens,
        now=WHEN_MUCH_IS_DUE,
    ),
    Step(name="import", scene=_file_that_has_arrived, act=_import, happens={"import.started": 1, "import.finished": 1}),
    Step(name="fold", scene=_file_that_is_imported, act=_fold, happens={}),
    Step(name="follow", scene=_changes_to_follow, act=_follow, happens={}),
    Step(name="seal", scene=_trail_to_seal, act=_seal, happens={}, now=NOON + HALF_AN_HOUR),
)
