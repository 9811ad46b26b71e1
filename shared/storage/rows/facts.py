"""Where a workspace's imports and rollups lie.

    facts  T#{ws}          CFG                            what the workspace has settled
           T#{ws}#IMP      {import}                       the record of an import
           T#{ws}#SENT     {requested_at}#{import}        the list of imports, only pointers
           T#{ws}#LEDGER   {generation:010}               a finished import and its buckets
           T#{ws}#DIRTY    {generation:010}               a mark: not folded yet
           T#{ws}#RUN      CLAIM                          the run that may store rollups
           T#{ws}#R        {kind}#{place}                 a rollup: PNL#{yyyy-mm}, COH#{yyyy-mm}#{segment}, …
                           RUN#{of}#{yyyy-mm}             which rows the running sums of a month are, made from what
           T#{ws}#R#{of}#{yyyy-mm}  {dd}#{part}#{hash}    running sums up to that day
    core   I#{ws}#{import} E#{version:08}                 the events of an import
    audit  W#{ws}#{day}    {ms:013}#import:{import}#…     the same in the trail
                           {ms:013}#workspace.settings_…  a change of settings, which has no stream

Rollups and reports are one JSON text each, in `doc`, large rollups packed: nobody needs a part of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from shared.domain.facts.parts import compact_json
from shared.domain.facts.settings import Settings
from shared.storage.codec import written
from shared.storage.engine import Engine, Item, Key, Table
from shared.storage.rows.packing import unpacked
from shared.storage.rows.values import text

_MARKS = re.compile(r"T#(?P<workspace>[^#]+)#DIRTY")
AFTER_EVERY_KEY = "\x7f"
"""Greater than any character of our sort keys."""


def settings_key(workspace_id: str) -> Key:
    """Give the place of what the workspace has settled."""
    return Key(pk=f"T#{workspace_id}", sk="CFG")


def import_key(workspace_id: str, import_id: str) -> Key:
    """Give the place of an import's record."""
    return Key(pk=f"T#{workspace_id}#IMP", sk=import_id)


def sent_key(workspace_id: str, requested_at: str, import_id: str) -> Key:
    """Give the place of an import in the list of imports."""
    return Key(pk=f"T#{workspace_id}#SENT", sk=f"{requested_at}#{import_id}")


def ledger_key(workspace_id: str, generation: int) -> Key:
    """Give the place of a ledger entry."""
    return Key(pk=f"T#{workspace_id}#LEDGER", sk=f"{generation:010d}")


def mark_key(workspace_id: str, generation: int) -> Key:
    """Give the place of the mark of a ledger entry."""
    return Key(pk=f"T#{workspace_id}#DIRTY", sk=f"{generation:010d}")


def marked_workspace(pk: str) -> str | None:
    """Tell which workspace the mark in this partition belongs to; None if it is no mark."""
    found = _MARKS.fullmatch(pk)
    return found["workspace"] if found else None


def run_key(workspace_id: str) -> Key:
    """Give the place of the claim of a run."""
    return Key(pk=f"T#{workspace_id}#RUN", sk="CLAIM")


def rollups_pk(workspace_id: str) -> str:
    """Give the partition of a workspace's rollups."""
    return f"T#{workspace_id}#R"


def row(key: Key, **attributes: str | int | None) -> Item:
    """Make an item; what is None is left out."""
    named = {name: value for name, value in attributes.items() if value is not None}
    return {"pk": key.pk, "sk": key.sk, **named}


def document(value: Any) -> str:  # noqa: ANN401  # any dataclass of ours
    """Write a dataclass as JSON, the same text for the same value."""
    named = {each.name: written(getattr(value, each.name)) for each in fields(value)}
    return compact_json(named)


def opened_document(item: Item) -> dict[str, Any]:
    """Read the JSON of a row."""
    return json.loads(unpacked(text(item, "doc")))


def last_generation(engine: Engine, workspace_id: str) -> int:
    """Read the number of the last ledger entry; 0 if there is none."""
    page = engine.query(Table.FACTS, ledger_key(workspace_id, 0).pk, newest_first=True, limit=1)
    return int(text(page.items[0], "sk")) if page.items else 0


def whole_partition(engine: Engine, pk: str, *, first: str | None = None, last: str | None = None) -> Iterator[Item]:
    """Go through the facts-table items of a partition, page after page."""
    after: Key | None = None
    while True:
        page = engine.query(Table.FACTS, pk, first=first, last=last, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def settings_of(item: Item | None) -> Settings:
    """Read what a workspace has settled; the defaults if nothing."""
    return Settings(**opened_document(item)) if item is not None else Settings()
