"""The REST API, and the pages beside it, with what they need of their surroundings."""

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.wiring import Wiring, now
from shared.services.grants.client_documents import ClientDocuments
from shared.transports.http.app import build_app
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators
from shared.transports.http.github_keys import GithubKeys
from shared.transports.issuer import Issuer
from shared.transports.web.app import build_web
from shared.transports.web.oauth.fetch_document import FetchDocument
from shared.transports.web.parts import WebParts


def api(here: Wiring) -> ASGIApp:
    """Put them together."""
    issuer = Issuer(url=here.oidc_issuer, audience=here.oidc_audience)
    rest = build_app(_collaborators(here, issuer))
    pages = build_web(_parts(here, issuer))

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = rest if scope["path"].startswith("/v1/") else pages
        await chosen(scope, receive, send)

    return either


def _collaborators(here: Wiring, issuer: Issuer) -> Collaborators:
    return Collaborators(
        keys=here.credential_keys,
        tokens=here.tokens,
        workspaces=here.workspaces,
        contacts=here.contacts,
        trail=here.trail,
        replies=here.replies,
        evidence=here.evidence,
        imports=here.imports,
        figures=here.figures,
        alerts=here.alerts,
        open_objects=lambda: here.objects,
        gate=here.gate,
        bearers=MemberBearers(issuer),
        github_keys=GithubKeys(url=here.github_keys_url),
        now=now,
        public_url=here.public_url,
        docs_url=here.docs_url,
    )


def _parts(here: Wiring, issuer: Issuer) -> WebParts:
    return WebParts(
        keys=here.credential_keys,
        tokens=here.tokens,
        workspaces=here.workspaces,
        sessions=here.sessions,
        codes=here.codes,
        documents=ClientDocuments(FetchDocument(allow_loopback=here.trusts_loopback_clients)),
        contacts=here.contacts,
        trail=here.trail,
        replies=here.replies,
        evidence=here.evidence,
        imports=here.imports,
        figures=here.figures,
        alerts=here.alerts,
        open_objects=lambda: here.objects,
        issuer=issuer,
        client_secret=lambda: here.oidc_client_secret,
        now=now,
        public_url=here.public_url,
        docs_url=here.docs_url,
    )
