"""How the id of a token stands in a path: as any text but the words that stand there in paths of their own."""

from __future__ import annotations

from starlette.convertors import StringConvertor, register_url_convertor

WORDS = ("self", "revoke", "report-leak")
"""No ids of tokens, whatever the method: else `PATCH /v1/tokens/self` would be taken for one, and not be a 405."""


class _TokenId(StringConvertor):
    regex = f"(?!(?:{'|'.join(WORDS)})$)[^/]+"


register_url_convertor("token_id", _TokenId())

TOKEN_ID = "{token_id:token_id}"
