"""How a token just made is answered: once with its secret, and after that without it."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from shared.services.make_once import Made
from shared.services.token_summary import summary_of
from shared.transports.http.bodies import CreatedToken, ReplayedToken

KEY_LENGTH = 200
_VISIBLE = re.compile(r"[\x21-\x7e]+")


def _key(text: str) -> str:
    """Refuse what is no key, in words and not in those of a pattern."""
    if len(text) > KEY_LENGTH or _VISIBLE.fullmatch(text) is None:
        raise PydanticCustomError(
            "idempotency_key", "A key has 1 to {most} visible ASCII characters, no spaces.", {"most": KEY_LENGTH}
        )
    return text


_Key = Annotated[
    str,
    AfterValidator(_key),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": f"^{_VISIBLE.pattern}$"}),
]

IdempotencyKey = Annotated[
    _Key | None,
    Header(
        description="Draw one per token; if no answer came, repeat it with the same body: no second token is made.",
    ),
]

MADE_BEFORE: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ReplayedToken,
        "description": "This key has made the token before; its secret is not shown again",
    }
}


def answer_of(made: Made, now: datetime) -> JSONResponse:
    """Answer the request that made a token, or one that repeats it."""
    fields = asdict(summary_of(made.token, last_used_at=made.last_used_at, now=now))
    if made.text is None:
        return JSONResponse(ReplayedToken(**fields).model_dump(mode="json"), status_code=200)
    return JSONResponse(CreatedToken(**fields, token=made.text).model_dump(mode="json"), status_code=201)
