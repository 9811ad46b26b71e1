"""ANY /v1/…: the REST API."""

from mangum import Mangum

from functions.wiring import now, wiring
from shared.transports.http.app import TEXT_TYPES, build_app
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators

_here = wiring()
_app = build_app(
    Collaborators(
        keys=_here.credential_keys,
        tokens=_here.tokens,
        workspaces=_here.workspaces,
        audit=_here.audit,
        replies=_here.replies,
        evidence=_here.evidence,
        gate=_here.gate,
        bearers=MemberBearers(issuer=_here.oidc_issuer, audience=_here.oidc_audience),
        now=now,
        public_url=_here.public_url,
        docs_url=_here.docs_url,
    )
)
handler = Mangum(_app, lifespan="off", text_mime_types=list(TEXT_TYPES))
