"""The local issuer's code flow, of Authlib's server parts: one public client, PKCE by S256, codes that work once."""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, BaseGrant, ClientMixin, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode, UserInfo
from starlette.responses import JSONResponse, Response

from infra.local.issuer.issuer import ALGORITHM, SCOPES, LocalIssuer
from infra.local.issuer.people import People, Person

CODE_LIFETIME = timedelta(seconds=60)
TOKEN_LIFETIME = timedelta(hours=1)
CALLBACK = "/auth/callback"
SIGNED_OUT = "/auth/signed-out"
_RESPONSE_TYPE = re.compile(r"[A-Za-z0-9_ ]*")

Fields = Sequence[tuple[str, str]]


class Asked(OAuth2Request):
    """A request as Authlib reads it: the fields of a query or of a form, none of which it mixes."""

    def __init__(self, method: str, uri: str, *, headers: Mapping[str, str], fields: Fields) -> None:
        cast("Any", super()).__init__(method, uri, headers=headers)  # its types know an argument that it warns of
        self.fields = fields
        self.payload = _Payload(fields)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.fields)


class _Payload(OAuth2Payload):
    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    @property
    def data(self) -> dict[str, str]:
        return dict(self._fields)

    @property
    def datalist(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for name, value in self._fields:
            found[name].append(value)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(ClientMixin):
    """The stack itself: a public client, with one way back and one page to sign out to."""

    client_id: str
    public_url: str
    id_token_signed_response_alg: ClassVar = ALGORITHM

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""  # it must be said

    def get_allowed_scope(self, scope: object) -> str:
        asked = str(scope or "").split()
        # Authlib takes None for a refusal, which its types do not say.
        return " ".join(each for each in SCOPES if each in asked) if "openid" in asked else cast("str", None)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.public_url + CALLBACK

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - Authlib's signature
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(AuthorizationCodeMixin):
    """What a code stands for."""

    person: Person
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    made_at: datetime

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.made_at.timestamp())


class Provider(AuthorizationServer):
    """Answers authorization and token requests; the codes live in this process."""

    def __init__(self, issuer: LocalIssuer, *, people: People, audience: str, now: Callable[[], datetime]) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.issuer = issuer
        self.people = people
        self.client = Client(client_id=audience, public_url=issuer.public_url)
        self.now = now
        self._codes: dict[str, Code] = {}
        self.register_grant(_CodeGrant, [_ChallengeByS256(required=True), _IdTokens(self)])
        self.register_token_generator("default", BearerTokenGenerator(_opens_nothing))

    def keep(self, code: str, meant: Code) -> None:
        """Remember a code for its minute, and forget those whose minute is over."""
        since = self.now() - CODE_LIFETIME
        self._codes = {each: kept for each, kept in self._codes.items() if kept.made_at > since} | {code: meant}

    def take(self, code: str) -> Code | None:
        """Give what a code stands for, once: whoever shows it ends it, whether or not the rest is right."""
        kept = self._codes.pop(code, None)
        return kept if kept is not None and self.now() < kept.made_at + CODE_LIFETIME else None

    def ask(self, asked: Asked, *, person: Person | None) -> BaseGrant:
        """Check an authorization request.

        Raises:
            OAuth2Error: it is refused; what is said of it may be sent where `redirect_uri` says, if it says so.

        """
        if not _RESPONSE_TYPE.fullmatch(asked.form.get("response_type", "")):
            # Authlib would repeat it, and fails where it has other characters than a description may have.
            raise InvalidRequestError("The response_type is not one of RFC 6749, section 3.1.1.")
        return cast("Any", self).get_consent_grant(asked, end_user=person)

    def answer(self, asked: Asked, *, person: Person | None, grant: BaseGrant) -> Response:
        """Send the browser back: with a code for somebody, with a refusal for nobody."""
        return cast("Any", self).create_authorization_response(asked, grant_user=person, grant=grant)

    def refuse(self, asked: Asked, refused: OAuth2Error) -> Response:
        """Send the browser back with what is wrong."""
        return cast("Response", self.handle_error_response(asked, refused))

    def redeem(self, asked: Asked) -> Response:
        """Give an id token for a code."""
        return cast("Any", self).create_token_response(asked)

    def query_client(self, client_id: str) -> ClientMixin:
        return self.client if client_id == self.client.client_id else cast("ClientMixin", None)

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        """Keep nothing: there is nothing here that an access token opens."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: object, headers: Any) -> Response:  # noqa: ANN401 - pairs or a dict
        said = dict(headers)
        if "Location" in said:  # RFC 9207: whose answer it is
            said["Location"] = add_params_to_uri(said["Location"], {"iss": self.issuer.issuer})
            return Response(status_code=status, headers=said)
        return JSONResponse(body, status_code=status, headers=said)


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    server: Provider
    request: OAuth2Request

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuth2Request, client: ClientMixin) -> str:
        """Refuse in words of our own: Authlib would repeat the address, and fails where that has other characters."""
        asked = _payload(request).redirect_uri
        if not client.check_redirect_uri(asked):
            raise InvalidRequestError("The redirect_uri is not the one that is registered.")
        return asked

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = _payload(request).data
        meant = Code(
            person=cast("Person", request.user),
            redirect_uri=asked["redirect_uri"],
            scope=request.scope,
            nonce=asked.get("nonce"),
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
            made_at=self.server.now(),
        )
        self.server.keep(code, meant)

    def query_authorization_code(self, code: str, client: ClientMixin) -> Code | None:  # noqa: ARG002 - there is one
        return self.server.take(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing is left to delete."""

    def authenticate_user(self, authorization_code: Code) -> Person:
        return authorization_code.person


class _ChallengeByS256(CodeChallenge):
    """PKCE as RFC 9700 has it: by itself Authlib takes `plain`, and misses no challenge before the code comes back."""

    def validate_code_challenge(self, grant: BaseGrant, redirect_uri: str) -> None:
        asked = _payload(grant.request).data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge by S256 is needed.")
        cast("Any", super()).validate_code_challenge(grant, redirect_uri)


class _IdTokens(OpenIDCode):
    """What is said of a person, signed with the issuer's key."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:  # noqa: ARG002 - the client keeps its own
        return False

    def resolve_client_private_key(self, client: object) -> dict[str, Any]:  # noqa: ARG002 - one key for all
        return self._provider.issuer.private_jwk()

    def get_encode_header(self, client: object) -> dict[str, Any]:  # noqa: ARG002 - as above
        return {"alg": ALGORITHM, "kid": self._provider.issuer.key_id}

    def get_client_claims(self, client: ClientMixin) -> dict[str, Any]:
        now = self._provider.now()
        return {
            "iss": self._provider.issuer.issuer,
            "aud": client.get_client_id(),
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
        }

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:  # noqa: ARG002 - as Cognito does
        return UserInfo(sub=user.subject, name=user.name, email=user.email)


def _opens_nothing(**_: object) -> str:
    return secrets.token_urlsafe(32)


def _payload(request: OAuth2Request) -> OAuth2Payload:
    return cast("OAuth2Payload", request.payload)
