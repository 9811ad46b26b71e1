"""Acknowledgements of alerts as rows.

facts  T#{ws}#ALR      {alert}                        when it was acknowledged
audit  W#{ws}#{day}    {ms:013}#alert:{alert}#…       the event in the trail
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

from shared.domain.alerts.alert import AlertAcknowledged
from shared.domain.moments import moment
from shared.storage.contracts.streams import Origin
from shared.storage.engine import Engine, Key, Missing, Put, Table, TransactionRefused
from shared.storage.rows.envelope import KEPT_IN_TABLE, enveloped, trail_row
from shared.storage.rows.facts import row, whole_partition
from shared.storage.rows.values import text, time


class StoredAlerts:
    """Keeps the contract of `AlertStore` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept

    def acknowledged(self, workspace_id: str) -> Mapping[str, datetime]:
        return {text(item, "sk"): time(item, "at") for item in whole_partition(self._engine, _pk(workspace_id))}

    def acknowledge(self, workspace_id: str, event: AlertAcknowledged, *, origin: Origin) -> None:
        seen = row(Key(pk=_pk(workspace_id), sk=event.alert_id), at=moment(event.at))
        told = enveloped(event, stream=f"alert:{event.alert_id}", seq=None, workspace_id=workspace_id, origin=origin)
        in_trail = trail_row(told, at=event.at, kept=self._trail_kept)
        with suppress(TransactionRefused):  # somebody has acknowledged it before
            self._engine.transact(
                (
                    Put(table=Table.FACTS, item=seen, when=Missing("pk")),
                    Put(table=Table.AUDIT, item=in_trail, when=Missing("pk")),
                ),
                request_token=str(uuid4()),
            )


def _pk(workspace_id: str) -> str:
    return f"T#{workspace_id}#ALR"
