"""The door of `POST /mcp`: an API Gateway event in, its answer out."""

from functions.quick_start import quick_start

with quick_start():
    from functions.door import Door
    from functions.wiring import now
    from shared.transports.mcp.answers import Place
    from shared.transports.mcp.app import build_app
    from shared.transports.mcp.tools.catalogue import CATALOGUE

handler = Door(
    lambda here: build_app(
        gate=here.gate,
        workspaces=here.workspaces,
        figures=here.figures,
        trail=here.trail,
        alerts=here.alerts,
        place=Place(public_url=here.public_url, docs_url=here.docs_url),
        clock=now,
    ),
    load=CATALOGUE.load_all,
)
