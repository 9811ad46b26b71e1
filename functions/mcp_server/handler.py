"""The door of `POST /mcp`: an API Gateway event in, its answer out."""

from __future__ import annotations

from mangum import Mangum

from functions.wiring import now, wiring
from shared.transports.mcp.answers import Place
from shared.transports.mcp.app import build_app

_here = wiring()
_app = build_app(
    gate=_here.gate,
    workspaces=_here.workspaces,
    figures=_here.figures,
    place=Place(public_url=_here.public_url, docs_url=_here.docs_url),
    clock=now,
)
handler = Mangum(_app, lifespan="off")
