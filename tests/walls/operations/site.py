"""The pages, and the forms that they send."""

from __future__ import annotations

from collections.abc import Mapping

from tests.walls.operations.parts import (
    LINE,
    SCOPES,
)
from tests.walls.vocabulary import Kind, Part, Reference, one_of

HOME = "/dashboard/settings/developer/mcp"
A_TOKEN = Reference(kind=Kind.TOKEN, required=True)
ONE_TOKEN: Mapping[str, Part] = {"path.token_id": A_TOKEN}

SITE: Mapping[str, Mapping[str, Part]] = {
    f"GET {HOME}": {},
    f"GET {HOME}/new": {},
    f"POST {HOME}/new": {"form.name": LINE, "form.scopes": SCOPES, "form.expires_in_days": one_of("30", "90")},
    f"GET {HOME}/tokens/{{token_id}}": ONE_TOKEN,
}
PUBLIC: frozenset[str] = frozenset()
SELDOM: frozenset[str] = frozenset()
