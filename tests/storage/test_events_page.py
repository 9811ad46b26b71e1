from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

from shared.domain.activity import CallEvent
from shared.domain.alerts.alert import AlertAcknowledged
from shared.domain.facts.imports import ImportEvent
from shared.domain.facts.settings import SettingsChanged
from shared.domain.token.events import TokenEvent
from shared.domain.trail.events import TrailEvent
from shared.domain.workspace.events import WorkspaceEvent

PAGE = Path(__file__).parents[2] / "docs" / "events.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \|[^|]+\|([^|]*)\|$", re.MULTILINE)
IN_THE_ENVELOPE = {"type", "at"}


def test_the_events_page_names_every_event_with_its_fields_and_no_other() -> None:
    unions = (TokenEvent, WorkspaceEvent, CallEvent, TrailEvent, ImportEvent)
    events = [*(event for union in unions for event in get_args(union)), SettingsChanged, AlertAcknowledged]
    written = {_type_of(event): [f.name for f in fields(event) if f.name not in IN_THE_ENVELOPE] for event in events}

    listed = {type_: re.findall(r"\w+", own) for type_, own in ROW.findall(PAGE.read_text(encoding="utf-8"))}

    assert listed == written


def _type_of(event: type) -> str:
    return next(str(field.default) for field in fields(event) if field.name == "type")
