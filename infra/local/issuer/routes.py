"""Where the local issuer serves: its documents, the sign-in page, the token endpoint, the end of a sign-in."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Error
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from infra.local.issuer.issuer import PATH, LocalIssuer
from infra.local.issuer.people import People
from infra.local.issuer.provider import SIGNED_OUT, Asked, Fields, Provider

CHOICE = "person"
"""The field of the page that says who signs in; empty for nobody."""
PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined
)
SHUT = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}


def issuer_routes(issuer: LocalIssuer, *, people: People, audience: str, now: Callable[[], datetime]) -> list[Route]:
    """Serve an issuer that knows these people and one client."""
    provider = Provider(issuer, people=people, audience=audience, now=now)

    async def discovery(_: Request) -> Response:
        return JSONResponse(issuer.discovery())

    async def jwks(_: Request) -> Response:
        return JSONResponse(issuer.jwks())

    async def authorize(request: Request) -> Response:
        return _authorize(provider, await _asked(request))

    async def token(request: Request) -> Response:
        return provider.redeem(await _asked(request))

    async def sign_out(request: Request) -> Response:
        return _sign_out(provider, await _asked(request))

    return [
        Route(f"{PATH}/.well-known/openid-configuration", discovery),
        Route(f"{PATH}/jwks", jwks),
        Route(f"{PATH}/authorize", authorize, methods=["GET", "POST"]),
        Route(f"{PATH}/token", token, methods=["POST"]),
        Route(f"{PATH}/sign-out", sign_out, methods=["GET", "POST"]),
    ]


def _authorize(provider: Provider, asked: Asked) -> Response:
    """Show who there is to choose from; once somebody is chosen, send them back with a code."""
    fields = asked.form
    person = provider.people.get(fields.get(CHOICE, ""))
    try:
        grant = provider.ask(asked, person=person)
    except OAuth2Error as refused:
        # Only an address that is known to be the client's is sent anything.
        if refused.redirect_uri:
            return provider.refuse(asked, refused)
        return _page("refused.html", status=400, error=refused.error, description=refused.description)
    if asked.method == "POST" and CHOICE in fields and (person is not None or not fields[CHOICE]):
        return provider.answer(asked, person=person, grant=grant)
    kept = [(name, value) for name, value in asked.fields if name != CHOICE]
    return _page("sign_in.html", people=provider.people.values(), kept=kept, choice=CHOICE)


def _sign_out(provider: Provider, asked: Asked) -> Response:
    """Lead back to the client's own page. There is nothing to end here: every sign-in asks anew."""
    home = provider.issuer.public_url + SIGNED_OUT
    said = (asked.form.get("client_id"), asked.form.get("post_logout_redirect_uri"))
    if said == (provider.client.client_id, home):
        return RedirectResponse(home, status_code=303)
    return _page("signed_out.html")


async def _asked(request: Request) -> Asked:
    """Read a request. Parameters are repeated where they must not be: so the fields are kept as a list."""
    sent = (await request.body()).decode("utf-8", "replace") if request.method == "POST" else request.url.query
    fields: Fields = parse_qsl(sent, keep_blank_values=True)
    return Asked(request.method, str(request.url), headers=request.headers, fields=fields)


def _page(name: str, *, status: int = 200, **said: Any) -> Response:  # noqa: ANN401 - whatever the page shows
    return HTMLResponse(PAGES.get_template(name).render(**said), status_code=status, headers=SHUT)
