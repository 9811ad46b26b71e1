"""The REST API, and the pages beside it, with what they need of their surroundings."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Both:
    """Each request goes to the one or to the other."""

    rest: ASGIApp
    pages: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        chosen = self.rest if scope["path"].startswith("/v1/") else self.pages
        await chosen(scope, receive, send)


def api(here: Wiring) -> Both:
    """Put them together."""
    issuer = Issuer(url=here.oidc_issuer, audience=here.oidc_audience)
    return Both(build_app(_collaborators(here, issuer)), build_web(_parts(here, issuer)))


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
