"""Whoever takes rows of the trail away stands in it, whatever the form."""

from __future__ import annotations

import csv
import json

import pytest

from shared.domain.errors import NotFound
from shared.domain.trail.events import ExportForm
from shared.services.trail.export_trail import Wanted
from shared.services.trail.hand_out_trail import hand_out_trail
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.streams import Origin
from tests.data.examples import NOON
from tests.services.trail.sealing import A_MINUTE, Sealing, calls
from tests.services.trail.test_export_trail import exported
from tests.services.trail.test_prove_event import sources

LATER = NOON + 10 * A_MINUTE


@pytest.fixture
def sealing() -> Sealing:
    sealing = Sealing.in_memory()
    for minute in range(3):
        at = NOON + minute * A_MINUTE
        sealing.record(*calls(2, first=10 * minute + 1, at=at), now=at)
        sealing.run(at + A_MINUTE)
    return sealing


def handed_out(sealing: Sealing, wanted: Wanted, form: ExportForm) -> list[str]:
    origin = Origin(actor="mem_adam", request_id=f"request for {form}")
    lines = hand_out_trail("ws1", wanted, form=form, origin=origin, now=LATER, trail=sources(sealing))
    return list(lines)


def recorded(sealing: Sealing) -> list[AuditEntry]:
    entries = sealing.audit.entries("ws1", matching=AuditFilter(), limit=10, now=LATER).items
    return [entry for entry in entries if entry.type == "audit.exported"]


@pytest.mark.parametrize("form", ExportForm)
def test_who_took_which_seals_in_which_form_is_in_the_trail(sealing: Sealing, form: ExportForm) -> None:
    handed_out(sealing, Wanted(first=2), form)

    (entry,) = recorded(sealing)
    assert (entry.origin.actor, entry.at) == ("mem_adam", LATER)
    assert entry.data == {"first_seal": 2, "last_seal": 3, "form": form}


def test_it_is_in_the_trail_before_the_first_line_is_handed_out(sealing: Sealing) -> None:
    origin = Origin(actor="mem_adam", request_id="request-1")

    lines = hand_out_trail("ws1", Wanted(), form=ExportForm.NDJSON, origin=origin, now=LATER, trail=sources(sealing))

    assert len(recorded(sealing)) == 1
    assert json.loads(next(lines))["kind"] == "trail"


def test_what_is_refused_was_handed_out_to_nobody(sealing: Sealing) -> None:
    with pytest.raises(NotFound):
        handed_out(sealing, Wanted(first=4), ExportForm.CSV)

    assert recorded(sealing) == []


def test_the_readings_have_the_rows_of_the_file_that_proves_them_and_nothing_else(sealing: Sealing) -> None:
    wanted = Wanted(first=2, last=3)
    rows = [line for line in exported(sealing, wanted) if json.loads(line)["kind"] == "event"]

    as_ocsf = [json.loads(line)["raw_data"] for line in handed_out(sealing, wanted, ExportForm.OCSF)]
    as_csv = [row["id"] for row in csv.DictReader(handed_out(sealing, wanted, ExportForm.CSV))]

    assert as_ocsf == rows
    assert as_csv == [json.loads(row)["id"] for row in rows]
    assert len(rows) == 4
