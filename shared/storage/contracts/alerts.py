"""Which alerts members have seen: the only thing about an alert that its condition does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from shared.domain.alerts.alert import AlertAcknowledged
from shared.storage.contracts.streams import Origin


class AlertStore(Protocol):
    """Acknowledgements. Every method may raise `StoreUnavailable`."""

    def acknowledged(self, workspace_id: str) -> Mapping[str, datetime]:
        """Read which alerts were acknowledged, and when."""
        ...

    def acknowledge(self, workspace_id: str, event: AlertAcknowledged, *, origin: Origin) -> None:
        """Record that an alert was seen, with the event in the trail, in one transaction; the first one counts."""
        ...
