"""The lines that people write about a token: its name, and why something was done to it."""

from __future__ import annotations

import re

from shared.domain.errors import Invalid
from shared.domain.text import clean_line

NAME_LENGTH = 100
REASON_LENGTH = 200
TOKEN_LIKE = re.compile(r"mf[psar]_[0-9A-Za-z]{20}")
"""A token of ours, or so much of one that more than what lists show of it would be told."""
WHOLE_TOKEN = re.compile(TOKEN_LIKE.pattern + "[0-9A-Za-z]*")
"""The same, to its end."""
PASTED = "If a token was pasted by mistake, revoke that one."


def without_tokens(text: str) -> str:
    """Put "(a token)" in the place of whatever looks like one: for text that others chose and that is kept or shown."""
    return WHOLE_TOKEN.sub("(a token)", text)


def refuse_token(text: str, *, called: str, code: str, field: str, hint: str = PASTED) -> None:
    """Refuse a text that others will read if it holds a token.

    Raises:
        Invalid: it does.

    """
    if TOKEN_LIKE.search(text):
        message = f"{called} is shown to others and stays in the trail, and this one holds what looks like a token."
        raise Invalid(code, message, hint=hint, field=field)


def clean_name(text: str) -> str:
    """Give a name as it is stored.

    Raises:
        Invalid: it is empty, too long or holds a token.

    """
    return _line(
        text,
        field="name",
        longest=NAME_LENGTH,
        hint='Say where the token is used, e.g. "GitHub Actions weekly P&L sync".',
        if_token="Name it by where it is used. If a token was pasted by mistake, revoke that one.",
    )


def clean_reason(text: str) -> str:
    """Give a reason as it is stored.

    Raises:
        Invalid: it is empty, too long or holds a token.

    """
    return _line(
        text,
        field="reason",
        longest=REASON_LENGTH,
        hint='Say why, for the trail, e.g. "machine decommissioned".',
        if_token="Name a token by its id or its first characters, as the list shows them.",
    )


def _line(text: str, *, field: str, longest: int, hint: str, if_token: str) -> str:
    """Clean a line that others will read; nothing that looks like a token may stand in it."""
    line = clean_line(text)
    refuse_token(line, called=f"A {field}", code=f"{field}_invalid", field=field, hint=if_token)
    if not 1 <= len(line) <= longest:
        raise Invalid(f"{field}_invalid", f"A {field} has 1 to {longest} characters.", hint=hint, field=field)
    return line
