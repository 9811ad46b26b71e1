"""Keeps the sample workspace's figures reaching to yesterday: what is missing goes through the product's import."""

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from functions.wiring import Wiring
from infra.local.positions import Positions
from infra.local.sample import ACTOR, SAMPLE
from infra.local.sample_shop.days import CURRENCY, TIMEZONE, ZONE, opening, sales
from infra.local.sample_shop.export import export
from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.settings import Settings
from shared.services.change_settings import change_settings
from shared.services.imports.send_file import send_file
from shared.storage.contracts.streams import Origin

NOTE = "sample figures"
SALE_YEARS = range(2025, 2031)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the sample workspace has: the days from `opened` to `through`."""

    opened: date
    through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFigures:
    """An import that was sent at this start, and what the workspace will have by it."""

    import_id: str
    held: Held


def shop_settings() -> Settings:
    """How the sample shop's figures are to be read; settled before the first of them."""
    return Settings(
        timezone=TIMEZONE,
        currency=CURRENCY,
        guardrails={"refund_rate": {"at_most": 80_000}, "mer": {"at_least": 8_000_000}},
        promotions={first.isoformat(): last.isoformat() for year in SALE_YEARS for first, last, _ in sales(year)},
    )


def settle(wiring: Wiring, now: datetime) -> None:
    """Settle how they are read."""
    change_settings(
        SAMPLE.workspace_id,
        shop_settings(),
        now=now,
        origin=Origin(actor=ACTOR, request_id=f"sample-{uuid4()}"),
        imports=wiring.imports,
        figures=wiring.figures,
    )


def send_missing(now: datetime, *, wiring: Wiring, positions: Positions) -> list[SentFigures]:
    """Send the days up to yesterday that the workspace does not have; nothing where it has them all.

    What an earlier run sent and did not see arrive is sent again: facts that come twice are the same facts.
    """
    yesterday = now.astimezone(ZONE).date() - timedelta(days=1)
    held = _held(positions)
    if held is None:
        held = Held(opened=opening(yesterday))
        settle(wiring, now)
    first = held.opened if held.through is None else held.through + timedelta(days=1)
    if first > yesterday:
        return []
    with TemporaryDirectory(prefix="sample-") as folder:
        file = Path(folder) / f"sample {first} to {yesterday}.ndjson"
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(export(first, yesterday, opened=held.opened, now=now))
        record = send_file(
            file,
            workspace_id=SAMPLE.workspace_id,
            requested_by=ACTOR,
            now=now,
            imports=wiring.imports,
            objects=wiring.objects,
        )
    return [SentFigures(import_id=record.import_id, held=Held(opened=held.opened, through=yesterday))]


def has_arrived(sent: SentFigures, *, wiring: Wiring, positions: Positions) -> bool:
    """Tell whether tools can see what was sent, or never will."""
    record = wiring.imports.get(SAMPLE.workspace_id, sent.import_id)
    if record is None or record.status in {ImportStatus.WAITING, ImportStatus.RUNNING}:
        return False
    if record.status is ImportStatus.REFUSED:
        log.error("the sample figures were refused: %s", record.report)
        return True
    if wiring.figures.overview(SAMPLE.workspace_id).generation < (record.generation or 0):
        return False
    document = {"opened": sent.held.opened.isoformat(), "through": str(sent.held.through)}
    positions.leave_note(NOTE, json.dumps(document))
    return True


def _held(positions: Positions) -> Held | None:
    note = positions.note(NOTE)
    if note is None:
        return None
    document = json.loads(note)
    return Held(opened=date.fromisoformat(document["opened"]), through=date.fromisoformat(document["through"]))
