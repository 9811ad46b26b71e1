"""Confirmations: who saw what a change would do may carry out that change, and no other, within a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.domain.errors import Invalid
from shared.services.credentials.keys import CredentialKeys
from shared.services.signed import LIFETIME, read_signed, sign_text


def confirm_later(change: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Sign a change that somebody was shown. `of` names the tenant, who was shown it, and the kind of change."""
    return sign_text(change, of=("confirmation", *of), now=now, keys=keys)


def confirmed_change(confirmation: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Give the change that a confirmation is for.

    Raises:
        Invalid: it is none of ours, for another change, or too old (`confirmation_invalid`).

    """
    change = read_signed(confirmation, of=("confirmation", *of), now=now, keys=keys)
    if change is None:
        minutes = int(LIFETIME.total_seconds()) // 60
        raise Invalid(
            "confirmation_invalid",
            "The confirmation is not for this change, or it is too old.",
            hint=f"Ask for a preview again and confirm that; a confirmation lives {minutes} minutes.",
            field="confirmation",
        )
    return change
