"""Names that are nearly right: what a caller may have meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from shared.domain.errors import Invalid


class UnknownName(Invalid):
    """A name is none of those that there are; `allowed` are these, which outsiders may have given."""

    def __init__(
        self, code: str, message: str, *, hint: str, field: str, allowed: tuple[str, ...], by_outsiders: bool = False
    ) -> None:
        super().__init__(code, message, hint=hint, field=field)
        self.allowed = allowed
        self.by_outsiders = by_outsiders


_OTHERWISE = {"facebook": "meta", "instagram": "meta", "adwords": "google", "youtube": "google"}
"""Names of a platform, or of a part of it, that its connector does not have in its own."""


def nearest(name: str, known: Sequence[str], *, shown: Callable[[str], str] = str) -> str:
    """Ask whether a known name was meant, if one is near; else say nothing. Names of outsiders are shown quoted."""
    folded = name.lower().replace(" ", "_").replace("-", "_")
    folded = next((meant for other, meant in _OTHERWISE.items() if other in folded), folded)
    near = [one for one in known if folded and (folded in one or one in folded)]
    near = near or get_close_matches(folded, known, n=2, cutoff=0.5)
    return f"Did you mean {' or '.join(map(shown, near))}?" if near else ""


_PLATFORMS = {
    "meta": "Meta",
    "google": "Google Ads",
    "tiktok": "TikTok",
    "snapchat": "Snapchat",
    "shopify": "Shopify",
    "quickbooks": "QuickBooks",
}


def platform_of(connector: str) -> str:
    """Name the platform behind a connector: `tiktok_ads` is TikTok; one that we do not know is named as it is."""
    return _PLATFORMS.get(connector.partition("_")[0], connector)
