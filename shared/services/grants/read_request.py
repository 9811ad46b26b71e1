"""What a client asks a person for: RFC 6749, section 4.1.1, as narrowed by OAuth 2.1, with PKCE and a resource."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from shared.domain.scopes import Scope
from shared.services.grants.parameters import Parameters, malformed
from shared.services.grants.pkce import METHOD, is_challenge
from shared.services.grants.refusals import GrantRefused, OAuthError

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What is asked for, apart from who asks."""

    scopes: frozenset[Scope]
    code_challenge: str


def read_request(asked: Parameters, *, resource: str) -> AuthorizationRequest:
    """Read a request whose client and redirect URI are right; `resource` is ours.

    Raises:
        GrantRefused: with the error that the client is to be told.

    """
    asked.check_once()
    _check_kind(asked)
    check_resource_asked(asked, resource=resource)
    return AuthorizationRequest(scopes=_scopes(asked), code_challenge=_challenge(asked))


def check_resource_asked(asked: Parameters, *, resource: str) -> None:
    """Refuse whoever wants tokens for anything but our resource; who names none means ours (RFC 8707).

    Raises:
        GrantRefused: they do (`invalid_target`).

    """
    for named in asked.all("resource"):
        if not is_same_resource(named, resource):
            raise GrantRefused(
                OAuthError.INVALID_TARGET,
                "There are no tokens for that resource here.",
                hint=f"Send resource={resource}, or leave it out.",
                field="resource",
            )


def scopes_asked(text: str) -> frozenset[Scope]:
    """Give the scopes of a list that we know; others are left out, as RFC 6749, section 3.3, allows.

    Raises:
        GrantRefused: we know none of them (`invalid_scope`).

    """
    known = frozenset(scope for scope in Scope if scope in text.split(" "))
    if not known:
        raise GrantRefused(
            OAuthError.INVALID_SCOPE,
            "None of these scopes is known here.",
            hint=f"Leave scope out, or ask for one or more of: {' '.join(Scope)}.",
            field="scope",
        )
    return known


def is_same_resource(named: str, resource: str) -> bool:
    """Compare two resources as RFC 3986, section 6.2, lets us: case of scheme and host, default port, closing slash."""
    try:
        return "#" not in named and _canonical(urlsplit(named)) == _canonical(urlsplit(resource))
    except ValueError:  # a port or an address that is none
        return False


def _canonical(url: SplitResult) -> tuple[str, str | None, int | None, str | None, str, str]:
    port = url.port if url.port is not None else DEFAULT_PORTS.get(url.scheme)
    return url.scheme, url.hostname, port, url.username, url.path.removesuffix("/"), url.query


def _check_kind(asked: Parameters) -> None:
    """Refuse every kind of request and answer but the one that there is.

    Raises:
        GrantRefused: it is another.

    """
    if asked.all("request"):
        raise GrantRefused(
            OAuthError.REQUEST_NOT_SUPPORTED,
            "Request objects are not taken.",
            hint="Send each parameter in the query.",
            field="request",
        )
    if asked.all("request_uri"):
        raise GrantRefused(
            OAuthError.REQUEST_URI_NOT_SUPPORTED,
            "Requests are not fetched from elsewhere.",
            hint="Send each parameter in the query.",
            field="request_uri",
        )
    if asked.needed("response_type", "Send response_type=code.") != "code":
        raise GrantRefused(
            OAuthError.UNSUPPORTED_RESPONSE_TYPE,
            "There is only the authorization code.",
            hint="Send response_type=code.",
            field="response_type",
        )
    if asked.one("response_mode") not in {None, "query"}:
        raise malformed("The answer comes in the query alone.", hint="Leave response_mode out.", field="response_mode")


def _scopes(asked: Parameters) -> frozenset[Scope]:
    text = asked.one("scope")
    return scopes_asked(text) if text is not None else frozenset(Scope)


def _challenge(asked: Parameters) -> str:
    method = asked.needed("code_challenge_method", f"Send code_challenge_method={METHOD}: PKCE is required (RFC 7636).")
    challenge = asked.needed("code_challenge", "Send the code_challenge of PKCE (RFC 7636): it is required.")
    if method != METHOD:
        raise malformed(
            "This way of making the code challenge is not taken.",
            hint=f"Send code_challenge_method={METHOD}.",
            field="code_challenge_method",
        )
    if not is_challenge(challenge):
        raise malformed(
            "The code challenge is none of S256.",
            hint="Send the SHA-256 of the verifier in base64url without padding: 43 characters.",
            field="code_challenge",
        )
    return challenge
