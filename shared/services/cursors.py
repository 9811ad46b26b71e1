"""Cursors: a place in a list, signed, so that it works only for the list that it came from, and only for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.domain.errors import Invalid
from shared.services.credentials.keys import CredentialKeys
from shared.services.signed import LIFETIME, read_signed, sign_text


def seal_cursor(position: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Make the cursor of a position. `of` names the list: the tenant, the route or tool, and what was asked for."""
    return sign_text(position, of=of, now=now, keys=keys)


def open_cursor(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Give the position of a cursor of this list.

    Raises:
        Invalid: it is none of ours, another list's, or too old; all look alike (`cursor_invalid`).

    """
    position = read_signed(text, of=of, now=now, keys=keys)
    if position is None:
        minutes = int(LIFETIME.total_seconds()) // 60
        raise Invalid(
            "cursor_invalid",
            "The cursor does not belong to this list, or it is too old.",
            hint=f"Ask for the first page again, with the same filters; a cursor lives {minutes} minutes.",
            field="cursor",
        )
    return position
