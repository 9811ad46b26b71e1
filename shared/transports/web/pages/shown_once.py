"""The one answer that holds a secret, and what is said to whoever asks for it again."""

from __future__ import annotations

import re
from datetime import datetime

from starlette.datastructures import FormData
from starlette.responses import Response

from shared.domain.errors import Invalid
from shared.services.credentials.token_format import is_id, new_id
from shared.services.make_once import Made
from shared.services.tool_catalogue import tools_for
from shared.transports.web.pages.client_blocks import FIRST_TOOL, client_blocks
from shared.transports.web.pages.frame import HOME, page
from shared.transports.web.pages.token_words import KINDS, in_order
from shared.transports.web.parts import WebParts
from shared.transports.web.visitors import Visitor

KEY = "key"
"""The hidden field by which the same form, sent twice, makes one token."""
USED_KEY = "idempotency_key_reused"


def new_key() -> str:
    """Draw a key for a form."""
    return new_id()


def key_of(form: FormData) -> str:
    """Take the key out of a form.

    Raises:
        Invalid: it has none of ours (`form_key_invalid`).

    """
    key = form.get(KEY)
    if not isinstance(key, str) or not is_id(key):
        raise Invalid(
            "form_key_invalid", "This form was not whole, so nothing was made.", hint="Look it over and send it again."
        )
    return key


def text_of(form: FormData, name: str) -> str:
    """Take a field of text out of a form; one that is not there is empty."""
    value = form.get(name, "")
    return re.sub(r"\r\n?", "\n", value) if isinstance(value, str) else ""


def answer_with_secret(made: Made, *, visitor: Visitor, parts: WebParts, now: datetime, rotated: str = "") -> Response:
    """Show the secret to whoever made the token by this request, and to nobody who repeats it.

    `rotated` says what becomes of the token in whose place this one was made.
    """
    token = made.token
    if made.text is None:
        return page(
            visitor,
            "Tokens",
            "shown_before.html",
            home=HOME,
            token=token,
            now=now,
            lives=token.lives_at(now) and token.successor_id is None,
            key=new_key(),
            last_used_at=made.last_used_at,
        )
    return page(
        visitor,
        "Tokens",
        "secret.html",
        home=HOME,
        token=token,
        now=now,
        secret=made.text,
        kind=KINDS[token.kind],
        scopes=in_order(token.scopes),
        tools=tools_for(token.scopes),
        first_tool=FIRST_TOOL,
        rotated=rotated,
        endpoint=parts.endpoint,
        blocks=client_blocks(endpoint=parts.endpoint, secret=made.text),
        docs_url=parts.docs_url,
    )
