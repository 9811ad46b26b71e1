"""The REST API as an ASGI app: routes, the table of problems, and the walls around them."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from shared.transports.http import (
    activity,
    alerts,
    catalogue,
    imports,
    leaks,
    members,
    own_token,
    revocations,
    rotation,
    suspension,
    token_policy,
    tokens,
    trail,
    trail_proofs,
    usage,
)
from shared.transports.http.collaborators import Collaborators
from shared.transports.http.hardening import Hardened
from shared.transports.http.openapi import describe
from shared.transports.http.problems import FORMS, MEDIA_TYPE, problem_of

TEXT_TYPES = ("application/json", MEDIA_TYPE, trail.NDJSON, "text/")
"""What goes through the gateway as text; everything else would be sent in base64."""


def build_api(collaborators: Collaborators) -> FastAPI:
    """Build the routes, without the walls."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.collaborators = collaborators
    v1 = APIRouter(prefix="/v1")
    # `own_token` first: its `self` would else be taken for an id.
    for part in (
        own_token,
        tokens,
        rotation,
        usage,
        suspension,
        revocations,
        leaks,
        catalogue,
        trail,
        trail_proofs,
        activity,
        alerts,
        imports,
        members,
        token_policy,
    ):
        v1.include_router(part.router)
    api.include_router(v1)
    _tell_problems(api, collaborators.docs_url)

    api.add_api_route("/v1/openapi.json", _openapi, include_in_schema=False)
    return api


def build_app(collaborators: Collaborators) -> Hardened:
    """Build the whole app."""
    return Hardened(build_api(collaborators), docs_url=collaborators.docs_url, longer_bodies=leaks.LONGEST_BODIES)


async def _openapi(request: Request) -> JSONResponse:
    """Describe the API; anybody may read it."""
    # No closure over the app: FastAPI remembers every route's function for ever, and would keep the app with it.
    api: FastAPI = request.app
    if api.openapi_schema is None:  # a tenth of a second, which no cold start should pay
        api.openapi_schema = describe(api, public_url=api.state.collaborators.public_url)
    return JSONResponse(api.openapi_schema)


def _tell_problems(api: FastAPI, docs_url: str) -> None:
    async def tell(request: Request, error: Exception) -> Response:
        return problem_of(error, docs_url=docs_url, scope=request.scope)

    for kind in (*FORMS, HTTPException, RequestValidationError, Exception):
        api.add_exception_handler(kind, tell)
