"""Which sources are connected, and how current each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.analytics.names import UnknownName, nearest
from shared.domain.facts.rollups import Account
from shared.services.figures.frame import Frame, read_frame
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesReport:
    """The accounts that were asked for."""

    frame: Frame
    accounts: Sequence[Account]


def list_data_sources(
    *, connector: str | None, status: str | None, workspace_id: str, now: datetime, figures: Figures
) -> SourcesReport:
    """List accounts by connector and id; an empty workspace has an empty list.

    Raises:
        Invalid: `unknown_connector`, with the nearest names.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    accounts = sorted(frame.overview.accounts, key=lambda account: (account.source, account.account))
    known = connectors_of(frame)
    if connector is not None and known and connector not in known:
        raise UnknownName(
            "unknown_connector",
            "No connected source has this name.",
            hint=nearest(connector, known) or f"Connected are: {', '.join(known)}.",
            field="connector",
            allowed=known,
            by_outsiders=True,
        )
    return SourcesReport(
        frame=frame,
        accounts=[
            account
            for account in accounts
            if (connector is None or account.source == connector) and (status is None or account.status == status)
        ],
    )


def connectors_of(frame: Frame) -> tuple[str, ...]:
    """Name the connected sources, each once."""
    return tuple(sorted({account.source for account in frame.overview.accounts}))
