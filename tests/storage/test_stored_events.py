"""Every shape of event that was ever written can be read, and none is written otherwise without a new version.

`events/stored/{type}.v{version}.json` holds one example of each shape. Nobody edits one: a change of an event gets the
next version, an upcaster and an example of its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.storage.codec import EVENTS, Stored
from shared.storage.engine import Item
from shared.storage.rows.envelope import opened

FOLDER = Path(__file__).parents[2] / "events" / "stored"
FILES = sorted(FOLDER.iterdir())
NEWEST = [
    path
    for path in FILES
    if path.name == f"{path.name.split('.v')[0]}.v{EVENTS.version(path.name.split('.v')[0])}.json"
]
IN_ENVELOPE = {"id", "type", "v", "at", "stream", "seq", "actor", "workspace", "request_id", "ip", "user_agent", "data"}


def stored_in(path: Path) -> tuple[Item, Stored]:
    row: Item = json.loads(path.read_text(encoding="utf-8"))
    return row, opened(row)


def test_every_shape_of_every_event_has_an_example() -> None:
    shapes = {f"{type_}.v{n}.json" for type_ in EVENTS.types() for n in range(1, EVENTS.version(type_) + 1)}

    assert {path.name for path in FILES} == shapes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_read_as_the_event_that_its_name_says(path: Path) -> None:
    row, stored = stored_in(path)

    event = EVENTS.decode(stored)

    assert f"{stored.type}.v{stored.version}" == path.stem
    assert event.type == stored.type
    assert row.keys() <= IN_ENVELOPE


@pytest.mark.parametrize("path", NEWEST, ids=lambda path: path.stem)
def test_an_event_is_written_exactly_as_its_newest_example(path: Path) -> None:
    _, stored = stored_in(path)

    assert EVENTS.encode(EVENTS.decode(stored)) == stored
