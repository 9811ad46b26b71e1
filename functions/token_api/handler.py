"""ANY /v1/…: the REST API."""

from mangum import Mangum

from functions.wiring import now, wiring
from shared.transports.http.app import TEXT_TYPES, build_app
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators

_wired = wiring()
_app = build_app(
    Collaborators(
        keys=_wired.credential_keys,
        tokens=_wired.tokens,
        workspaces=_wired.workspaces,
        audit=_wired.audit,
        replies=_wired.replies,
        bearers=MemberBearers(issuer=_wired.oidc_issuer, audience=_wired.oidc_audience),
        now=now,
        public_url=_wired.public_url,
        docs_url=_wired.docs_url,
    )
)
handler = Mangum(_app, lifespan="off", text_mime_types=list(TEXT_TYPES))
