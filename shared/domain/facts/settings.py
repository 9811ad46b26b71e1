"""What a workspace has settled about its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a merchant's facts are read: where its day begins, in what currency it thinks, what it pays for payments."""

    timezone: str = "UTC"
    """An IANA name; it is fixed with the first import, because every fact is filed under its local day."""
    currency: str = "USD"
    """The reporting currency, ISO 4217."""
    fiscal_year_start: int = 1
    """The month that the fiscal year begins with."""
    k_min: int = 10
    """The fewest customers that a figure about customers may stand on."""
    payment_fee_ppm: int | None = None
    """What an order that states no payment fee is taken to cost, in millionths of what was paid; None: unknown."""
    payment_fee_fixed: int = 0
    """To be added to that for each such order, in micros."""
    platform_fee_ppm: int | None = None
    """The same for platform fees."""
    prices_include_tax: bool = False
    """Whether the taxes of an order are in its prices, where its export leaves that open; else they come on top."""
    ledger_accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Account of the books -> what its bookings are (`shared.domain.facts.ledger`); it goes before the usual names."""
    north_star: str = "cm3"
    """The metric that the shop steers by: a line of the P&L, or another that `get_north_star` knows."""
    guardrails: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """Metric -> `at_least` or `at_most` with its limit in millionths: what must hold while the north star rises."""
    promotions: Mapping[str, str] = field(default_factory=dict[str, str])
    """First -> last day (ISO) of what the shop does on purpose: such days are no anomalies."""
    multiples: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict[str, Mapping[str, Sequence[int]]])
    """The day (ISO) since which they hold -> method of valuation -> low, mid and high in thousandths; they go before
    the usual ones."""


def changed_names(before: Settings, after: Settings) -> tuple[str, ...]:
    """Name the settings that differ, in their order."""
    names = (each.name for each in fields(Settings))
    return tuple(name for name in names if _as_stored(before, name) != _as_stored(after, name))


def _as_stored(settings: Settings, name: str) -> str:
    """Write a setting as JSON, to which a list and a tuple are the same."""
    return json.dumps(getattr(settings, name), sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged:
    """Somebody settled something else; what, is not for a trail: an account of the books may have a person's name."""

    changed: tuple[str, ...]
    """The names of the settings."""
    at: datetime
    type: Literal["workspace.settings_changed"] = "workspace.settings_changed"
