"""Ask the trail of a workspace a question, however far back its answer lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.trail.index import Wanted
from shared.domain.trail.places import end_of
from shared.services.trail.archived_rows import ArchivedRows
from shared.services.trail.sources import TrailSources
from shared.services.trail.walk_trail import Walk, Work
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.streams import Page, PositionInvalid

CLOCKS_DIFFER = timedelta(minutes=5)
"""A container whose clock is ahead of ours may have written what is still to come here."""
POSITION = re.compile(r"\d{13}(#.{1,900})?", re.ASCII | re.DOTALL)


def query_trail(
    workspace_id: str, *, matching: AuditFilter, limit: int, now: datetime, after: str | None, trail: TrailSources
) -> Page[AuditEntry]:
    """Read a workspace's trail from `now` backwards, newest first, from the table and then from the archive.

    A page costs bounded work, so a rare match may lie behind several pages with nothing in them. Rows that the stream
    brings late are found by a filter once they are sealed.

    Raises:
        PositionInvalid: `after` was not given by a page.
        SealLost: the archive lacks rows that belong to the page.
        StoreUnavailable: a store cannot be read now.

    """
    until = min(now + CLOCKS_DIFFER, matching.until or now + CLOCKS_DIFFER)
    below = end_of(until) if after is None else min(_place(after), end_of(until))
    archived = ArchivedRows(workspace_id, trail)
    if matching.actor is not None:
        matching = replace(matching, actor=archived.who(matching.actor))
    work = Work(missing=limit)
    walk = Walk(
        workspace_id=workspace_id,
        wanted=_wanted(matching, archived),
        since=matching.since,
        now=now,
        trail=trail,
        archived=archived,
        work=work,
    )
    found: list[AuditEntry] = []
    for step in walk.steps(below):
        for row in step.rows:
            if matching.matches(row):
                found.append(row)
                work.missing -= 1
                if not work.missing:
                    return Page(items=tuple(found), next=row.place)
        if work.is_done:
            return Page(items=tuple(found), next=step.down_to)
    return Page(items=tuple(found), next=None)


def _wanted(matching: AuditFilter, archived: ArchivedRows) -> Wanted:
    """Say what is wanted by the names that the index has for it."""
    wanted: Mapping[str, str | None] = {
        "token": matching.token_id,
        "actor": archived.pseudonym(matching.actor) if matching.actor is not None else None,
        "tool": matching.tool,
        "outcome": matching.outcome,
    }
    types = {"type": matching.types} if matching.types else {}
    return {name: frozenset({value}) for name, value in wanted.items() if value is not None} | types


def _place(position: str) -> str:
    if POSITION.fullmatch(position) is None:
        raise PositionInvalid(position)
    return position
