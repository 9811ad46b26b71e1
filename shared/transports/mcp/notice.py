"""What an answer says beside its result: that the token will soon be let in no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.token.state import Token
from shared.services.refusals import instant

TOLD_BEFORE = timedelta(days=14)
TOLD_WITH = frozenset({"tools/call", "tools/list"})
EXPIRES_AT, HINT = "merchant-mcp/token_expires_at", "merchant-mcp/hint"
ROTATE = "This token expires soon. Rotate it, or ask its owner to, and give this client the successor."
REPLACE = "This token was rotated and ends soon. Give this client its successor."


def with_notice(result: Mapping[str, Any], token: Token, *, method: str, now: datetime) -> Mapping[str, Any]:
    """Add to the `_meta` of a result when the token ends and what to do, if that is near."""
    end = token.expires_at if token.app is None else None  # an app renews itself
    if method not in TOLD_WITH or end is None or end - now > TOLD_BEFORE:
        return result
    told = {EXPIRES_AT: instant(end), HINT: ROTATE if token.successor_id is None else REPLACE}
    return {**result, "_meta": {**result.get("_meta", {}), **told}}
