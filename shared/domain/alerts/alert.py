"""An alert: a condition that somebody should deal with, as long as it holds and some days after.

Alerts are not stored. They are what holds of a workspace's data when somebody asks, so none can be forgotten or left
over; the same condition has the same id whenever it is worked out. Only that a member has acknowledged one is kept.
"""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal

LOOKED_BACK_DAYS = 28
"""Alerts are of what happened on so many days that are known last."""
ID_LENGTH = 16


class Category(StrEnum):
    """What an alert is about. The values are on the wire and in ids."""

    REVENUE = "revenue"
    ROAS = "roas"
    AD_SPEND = "ad_spend"
    PROFIT_MARGIN = "profit_margin"
    SYNC_HEALTH = "sync_health"
    CREDENTIALS = "credentials"
    FULFILLMENT = "fulfillment"
    DATA_QUALITY = "data_quality"


class AlertSeverity(StrEnum):
    """How bad it is, the worst first. The values are on the wire."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class AlertStatus(StrEnum):
    """Where it stands. The values are on the wire."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """It holds, and a member has seen it."""
    RESOLVED = "resolved"
    """It does not hold any more."""


class Unit(StrEnum):
    """What the value and the threshold of an alert are. The values are on the wire."""

    MONEY = "money"
    COUNT = "count"
    RATIO = "ratio"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that holds, or held a few days ago."""

    category: Category
    metric: str
    """What was measured."""
    scope: str
    """Of what: `shop`, a platform, an account, an import, a token."""
    since: str
    """The day (or month) that tells one occurrence from the next."""
    opened_at: datetime
    severity: AlertSeverity
    title: str
    """Our words and numbers only."""
    value: int | None
    """Millionths of the unit; None: there is no number to it."""
    threshold: int | None
    """The number from which on it would not be told of."""
    unit: Unit
    is_over: bool = False

    @property
    def alert_id(self) -> str:
        """Name it; the same condition has the same name for ever."""
        told = f"{self.category}\x1f{self.metric}\x1f{self.scope}\x1f{self.since}"
        return f"alr_{b32encode(sha256(told.encode()).digest()).decode().lower()[:ID_LENGTH]}"

    def status(self, *, is_acknowledged: bool) -> AlertStatus:
        """Tell where it stands."""
        if self.is_over:
            return AlertStatus.RESOLVED
        return AlertStatus.ACKNOWLEDGED if is_acknowledged else AlertStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAcknowledged:
    """Somebody deals with an alert."""

    alert_id: str
    category: str
    metric: str
    at: datetime
    type: Literal["alert.acknowledged"] = "alert.acknowledged"
