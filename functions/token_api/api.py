"""The REST API with what it needs of its surroundings."""

from functions.wiring import Wiring, now
from shared.transports.http.app import build_app
from shared.transports.http.bearer import MemberBearers
from shared.transports.http.collaborators import Collaborators
from shared.transports.http.github_keys import GithubKeys
from shared.transports.http.hardening import Hardened


def api(here: Wiring) -> Hardened:
    """Put it together."""
    return build_app(
        Collaborators(
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
            bearers=MemberBearers(issuer=here.oidc_issuer, audience=here.oidc_audience),
            github_keys=GithubKeys(url=here.github_keys_url),
            now=now,
            public_url=here.public_url,
            docs_url=here.docs_url,
        )
    )
