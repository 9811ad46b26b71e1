"""The examples of `events/stored`: the fields of an event of each type, in its newest shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from shared.storage.codec import EVENTS, Data, Stored

FOLDER = Path(__file__).parents[2] / "events" / "stored"


def _fields_of(type_: str) -> Data:
    row = json.loads((FOLDER / f"{type_}.v{EVENTS.version(type_)}.json").read_text(encoding="utf-8"))
    return EVENTS.upcast(Stored(type=type_, version=row["v"], at=row["at"], data=row["data"]))


FIELDS: Mapping[str, Data] = {type_: _fields_of(type_) for type_ in sorted(EVENTS.types())}
