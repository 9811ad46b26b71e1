"""What a client sends to the token and revocation endpoints: a form, and who it is."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Depends, Request

from shared.domain.token.grants import OAUTH
from shared.services.grants.parameters import Parameters, malformed
from shared.services.grants.refusals import GrantRefused, OAuthError
from shared.services.grants.registrations import registered_client
from shared.storage.contracts.streams import Origin
from shared.transports.web.parts import Parts
from shared.transports.web.visitors import origin_of
from shared.transports.web.walls import FORM

MOST_FIELDS = 50


async def _form(request: Request) -> Parameters:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise malformed("The parameters are not a form.", hint=f"Send them in the body, as {FORM}.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as unreadable:  # too many fields, or no UTF-8
        raise malformed("The form cannot be read.", hint="Send UTF-8, and only what RFC 6749 names.") from unreadable
    sent = Parameters.of(pairs)
    sent.check_once()
    return sent


SentForm = Annotated[Parameters, Depends(_form)]
"""The parameters of a request by form (RFC 6749, section 3.2)."""


def _client_id(request: Request, sent: SentForm, parts: Parts) -> str:
    """Give the id of the client. All are public: an id proves nothing, a secret is none that we gave.

    The SDKs send the id in the form. Others put it in `Authorization: Basic` with nothing behind the colon. A client
    whose id is none of ours is told so, whatever else it brings: those of npm then register again by themselves.
    """
    in_form, in_header = sent.one("client_id"), _named_in(request.headers.get("authorization", ""))
    if sent.one("client_secret") is not None:
        raise _no_secrets()
    if in_form is not None and in_header is not None and in_form != in_header:
        raise malformed("Two clients are named.", hint="Send client_id in the form alone.", field="client_id")
    client_id = in_form or in_header
    if client_id is None:
        raise malformed("There is no client_id.", hint="Send the one you registered with.", field="client_id")
    if not client_id.startswith("https://"):  # a document is for consent alone: whose tokens these are, they say
        registered_client(client_id, keys=parts.keys)
    return client_id


SentClient = Annotated[str, Depends(_client_id)]


def _sender(request: Request) -> Origin:
    return origin_of(request, OAUTH)


Sender = Annotated[Origin, Depends(_sender)]
"""Where a request comes from, for the trail."""


def _named_in(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        both = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise malformed("The Authorization header cannot be read.", hint="Leave it out.") from None
    # Ids may be addresses, which some clients do not encode: only the last colon parts the id from the secret.
    name, _, secret = both.rpartition(":")
    if secret:
        raise _no_secrets()
    return unquote_plus(name) or None


def _no_secrets() -> GrantRefused:
    return GrantRefused(
        OAuthError.INVALID_CLIENT,
        "Clients have no secrets here, so this one is none of ours.",
        hint="Send client_id alone, as token_endpoint_auth_method none says.",
        field="client_secret",
    )
