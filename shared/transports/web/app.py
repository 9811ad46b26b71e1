"""The pages, the sign-in and OAuth 2.1 as one ASGI app."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import RedirectResponse, Response

from shared.transports.web import rendering, sign_in
from shared.transports.web.errors import tell_errors
from shared.transports.web.oauth import authorize, metadata, register, revoke, token
from shared.transports.web.pages import (
    activity,
    apps,
    data,
    new_token,
    one_event,
    one_import,
    one_token,
    policy,
    rotation,
    token_changes,
    token_revocations,
    tokens,
    trail_export,
    upload,
)
from shared.transports.web.pages.frame import HOME
from shared.transports.web.parts import WebParts
from shared.transports.web.walls import Walled

TEXT_TYPES = ("text/", "application/json", "application/x-ndjson", "image/svg+xml")
"""What goes through the gateway as text."""


def build_pages(parts: WebParts) -> FastAPI:
    """Build the routes, without the walls."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.parts = parts
    for room in (
        sign_in,
        rendering,
        tokens,
        new_token,
        one_token,
        rotation,
        token_changes,
        token_revocations,
        activity,
        trail_export,
        one_event,
        policy,
        apps,
        data,
        one_import,
        upload,
    ):
        app.include_router(room.router)
    for endpoint in (metadata, register, authorize, token, revoke):
        app.include_router(endpoint.router)
    app.add_api_route("/", _home)
    tell_errors(app)
    return app


def build_web(parts: WebParts) -> Walled:
    """Build the whole app."""
    return Walled(build_pages(parts))


async def _home() -> Response:
    return RedirectResponse(HOME, status_code=303)
