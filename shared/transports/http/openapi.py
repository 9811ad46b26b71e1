"""The description of the API at /v1/openapi.json: what FastAPI reads off the routes, with problems as we tell them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.transports.http.problems import MEDIA_TYPE, FieldProblem, Problem

VERSION = "1.0.0"
"""Of the API under /v1, not of the program: fields and routes are added, never taken away."""

CALLER = (400, 401, 403, 404, 422, 500, 503)
"""What any request may be refused with because of who sends it and how, or because of us."""
SELF = (401, 403, 500, 503)
"""What a request with a token may be refused with."""
BODY = (409, 413, 415)
"""What a request that carries a body may be refused with, too."""

DESCRIPTION = """\
Tokens for headless MCP clients: generate, list, rename, rotate, suspend and revoke them, and read the trail of
everything that was done with them. Files of the merchant's facts: announce them, send them to the address that the
answer gives, and see what became of them.

Callers are members of a workspace, signed in by OpenID Connect; under /v1/tokens/self they are tokens, and anybody
may report a token that leaked. A refusal is a problem (RFC 9457) whose `code` never changes its meaning and whose
`hint` says how to mend it. Lists are paged: give `next_cursor` back as `cursor`, with the same filters, within 15
minutes.
"""


def refused_with(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": "Refused", "content": {MEDIA_TYPE: {"schema": schema}}} for status in sorted(statuses)
    }


def describe(app: FastAPI, *, public_url: str) -> dict[str, Any]:
    """Write the description of all routes."""
    document = get_openapi(
        title="Merchant MCP",
        version=VERSION,
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": public_url}],
    )
    for model in (Problem, FieldProblem):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        document["components"]["schemas"][model.__name__] = schema
    return document
