"""Our MCP door with an echo among its tools: a call of it is checked, counted and on the trail like any other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from functions.door import Door
from functions.wiring import Wiring, now, wiring
from shared.storage.objects.folder import FolderObjects
from shared.transports.mcp.answers import Place
from shared.transports.mcp.app import McpApp, build_app
from shared.transports.mcp.tools.catalogue import CATALOGUE
from shared.transports.mcp.tools.tool import Catalogue
from tests.bench.surroundings import with_a_workspace
from tests.data.stores import Stores
from tests.data.tenants import token
from tests.transports.http.issuer import LoopbackIssuer
from tests.transports.mcp.diagnostic_tools import ECHO
from tests.transports.mcp.shop import Clock

A_CALL_EACH = 2
"""Seconds from call to call: thirty a minute are below the limit."""
clock = Clock(now())


def open_door(here: Wiring) -> McpApp:
    """Do as functions/mcp_server/handler.py, with the echo and a clock that goes as fast as the calls come."""
    return build_app(
        gate=here.gate,
        workspaces=here.workspaces,
        figures=here.figures,
        trail=here.trail,
        alerts=here.alerts,
        place=Place(public_url=here.public_url, docs_url=here.docs_url),
        clock=clock,
        catalogue=Catalogue.of(*CATALOGUE, ECHO),
    )


def bearer_of(here: Wiring) -> str:
    """Make a token; a store in memory is empty and gets a workspace first."""
    stores = Stores.over(here.engine)
    if stores.workspaces.get("wks_1") is None:
        with TemporaryDirectory() as folder, LoopbackIssuer() as issuer:
            with_a_workspace(here.engine, objects=FolderObjects(Path(folder)), issuer=issuer, environment={})
    return token(stores, at=now()).text


BEARER = bearer_of(wiring())
door = Door(open_door)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - as Lambda calls it
    clock.advance(seconds=A_CALL_EACH)
    return door(event, context)
