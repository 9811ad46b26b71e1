"""ANY /v1/…: the REST API."""

from functions.door import Door
from functions.wiring import now
from shared.transports.http.app import TEXT_TYPES, build_app
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators

handler = Door(
    lambda here: build_app(
        Collaborators(
            keys=here.credential_keys,
            tokens=here.tokens,
            workspaces=here.workspaces,
            audit=here.audit,
            replies=here.replies,
            evidence=here.evidence,
            gate=here.gate,
            bearers=MemberBearers(issuer=here.oidc_issuer, audience=here.oidc_audience),
            now=now,
            public_url=here.public_url,
            docs_url=here.docs_url,
        )
    ),
    text_types=TEXT_TYPES,
    rehearsal="/v1/tokens",
)
