"""What a call, lists and a sweep cost in one workspace with ten to a hundred thousand tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from mangum import Mangum

from shared.domain.workspace.commands import AddMember
from shared.domain.workspace.events import Role
from shared.services.sweep import sweep
from shared.storage.engine import Engine
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.events import MODERN, call_event
from tests.bench.growth_points import Point, point_of
from tests.bench.metered import Metered
from tests.data.many_tokens import Wanted, many_tokens
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, order
from tests.transports.http.api import Api
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.mcp.diagnostic_tools import DIAGNOSTICS
from tests.transports.mcp.shop import Clock, Shop
from tests.transports.web.web import SETTINGS, Web

TOKENS = (10, 100, 1_000, 10_000, 100_000)
DUE = 5
"""Tokens that expire before each of the two sweeps, one that is timed and one that is counted."""
NOW = NOON + 100 * A_DAY
AN_HOUR = timedelta(hours=1)
OK = 200
AT_ONCE = 20
"""Calls are too short to be timed one by one."""


def by_tokens(tokens: int) -> dict[str, Point]:
    """Measure each operation with so many tokens."""
    with closing(SqliteEngine()) as engine, LoopbackIssuer() as issuer:
        shop = Shop(engine=engine, catalogue=DIAGNOSTICS, clock=Clock(NOW))
        caller = AddMember(member_id="mem_oscar", issuer=issuer.url, subject="oscar", role=Role.ADMIN, at=NOON)
        order(caller, stores=shop.stores)
        many_tokens(engine, _wanted(tokens - 1))  # and the shop's own
        engine.changes().trim(engine.changes().last())
        metered = Metered(engine)
        return {
            "a call": _call(shop, metered),
            "a page of the REST list": _rest_list(engine, metered, issuer),
            "the settings page": _settings(engine, metered),
            f"a sweep that finds {DUE} due": _sweep(engine, metered),
        }


def _wanted(tokens: int) -> Iterator[Wanted]:
    for number in range(tokens):
        if number < 2 * DUE:
            expired = NOW - number // DUE * AN_HOUR
            yield Wanted(owner="olivia", at=expired - 30 * A_DAY - timedelta(milliseconds=number), days=30)
        else:  # the next look comes later
            yield Wanted(owner="olivia", at=NOW - number % 13 * A_DAY - timedelta(milliseconds=number))


def _call(shop: Shop, metered: Metered) -> Point:
    timed = shop.handler
    shop.stores = Stores.over(metered)
    counted = shop.container()

    def ask(handler: Mangum) -> None:
        shop.requests += 1
        shop.clock.advance(seconds=2)  # under the limit
        answer = handler(call_event(MODERN, shop.token.text, shop.requests), None)  # pyright: ignore[reportArgumentType] - nothing reads the Lambda context
        if answer["statusCode"] != OK or "result" not in json.loads(answer["body"]):
            raise RuntimeError(answer["body"])

    ask(timed)  # a container checks a secret once
    point = point_of(
        metered,
        counted=lambda: ask(counted),
        timed=lambda: [ask(timed) for _ in range(AT_ONCE)],
        settle=lambda: ask(counted),  # so that it also knows where the row stands that the other has moved
    )
    return replace(point, milliseconds=point.milliseconds / AT_ONCE)


def _rest_list(engine: Engine, metered: Metered, issuer: LoopbackIssuer) -> Point:
    timed, counted = (Api(issuer=issuer, stores=Stores.over(each), now=NOW) for each in (engine, metered))

    def ask(api: Api) -> None:
        answer = api.send("GET", "/v1/tokens", by="oscar", query="limit=50", check=False)
        if answer.status != OK:
            raise RuntimeError(answer.text)

    ask(timed)  # each asks the issuer for its keys once
    ask(counted)
    return point_of(metered, lambda: ask(counted), lambda: ask(timed))


def _settings(engine: Engine, metered: Metered) -> Point:
    timed, counted = (Web(stores=Stores.over(each), now=NOW) for each in (engine, metered))
    for web in (timed, counted):
        web.sign_in()
        if web.get(SETTINGS).status != OK:
            raise RuntimeError("there is no page")
    return point_of(metered, lambda: counted.get(SETTINGS), lambda: timed.get(SETTINGS))


def _sweep(engine: Engine, metered: Metered) -> Point:
    def run(over: Engine, at: datetime) -> None:
        stores = Stores.over(over)
        swept = sweep(
            now=at,
            request_id=f"run-{at}",
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            evidence=stores.evidence,
        )
        if swept.more:
            raise RuntimeError("more was due")

    return point_of(metered, lambda: run(metered, NOW), lambda: run(engine, NOW - AN_HOUR), times=1)
