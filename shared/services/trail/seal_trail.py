"""Each minute: seal what is new in every workspace's trail, add the seals to the log, and sign it.

    marks of workspaces with new rows -> their rows that no seal covers -> the archive -> a seal each, and the log
    -> a signed checkpoint

A run may die between any two steps, and two may run at once: a seal and its place in the log are written together or
not at all, what no seal covers is read anew each time, and a mark goes after the seal that it asked for. A workspace
that cannot be sealed, or a log that cannot be signed, keeps nobody waiting: it is told at the end.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from shared.domain.moments import moment
from shared.domain.trail.archival import archived
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.places import moment_of
from shared.domain.trail.seal import Seal, seal_rows
from shared.services.attempts import ATTEMPTS
from shared.services.trail.archive import keep_in_archive
from shared.services.trail.pseudonyms import Pseudonyms
from shared.services.trail.sign_log import sign_log
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.seals import SEALS_AT_ONCE, Mark, NewSeal, SealStore
from shared.storage.contracts.signer import Signer
from shared.storage.contracts.streams import StreamMoved

logger = logging.getLogger(__name__)

MARKS = 1_000
SALT_BYTES = 16
ROWS_A_SEAL = 2_000
"""The places of all of them are one row of the table, which may have 400 KB; one has some 70 bytes."""
ROWS_AT_ONCE = 20_000
"""They are written in one transaction, which may have 4 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingDone:
    """What a run did."""

    workspaces: int
    seals: int
    rows: int


class SealingIncomplete(Exception):
    """Some workspaces could not be sealed, or the log could not be signed; all else was done."""


def _unmetered(_: timedelta) -> None:
    """Measure nothing."""


def seal_trail(
    *,
    now: datetime,
    origin: str,
    seals: SealStore,
    people: PeopleKeys,
    archive: ObjectStore,
    signer: Signer,
    meter: Callable[[timedelta], None] = _unmetered,
) -> SealingDone:
    """Seal what was marked before this minute. `origin` is the name of the log.

    `meter` is told how long the oldest mark had been waiting.

    Raises:
        SealingIncomplete: see there; the marks of what is left stay, and the next run tries again.
        StoreUnavailable: the marks cannot be read.

    """
    run = _Run(now=now, seals=seals, people=people, archive=archive)
    sign = partial(sign_log, origin=origin, seals=seals, signer=signer)
    # What a run that was ended has left unsigned: however many end early, none leaves more than a minute so.
    with run.trying("the log"):
        sign()
    marks = seals.marks(before=now, limit=MARKS)
    meter(now - marks[0].made_at if marks else timedelta())
    while marks:
        run.follow(marks)
        marks = seals.marks(before=now, limit=MARKS, after=marks[-1])
    if run.made:
        with run.trying("the log"):
            sign()
    done = SealingDone(workspaces=len(run.marked), seals=len(run.made), rows=sum(seal.count for seal in run.made))
    logger.info("sealed", extra={"workspaces": done.workspaces, "seals": done.seals, "rows": done.rows})
    if run.failed:
        raise SealingIncomplete(", ".join(sorted(run.failed)))
    return done


@dataclass(slots=True, kw_only=True, eq=False)
class _Span:
    """Part of a day of a workspace, from the first to the last row that marks name."""

    workspace_id: str
    since: datetime
    until: datetime
    marks: list[Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    now: datetime
    seals: SealStore
    people: PeopleKeys
    archive: ObjectStore
    marked: set[str] = field(default_factory=set[str])
    made: list[Seal] = field(default_factory=list[Seal])
    failed: set[str] = field(default_factory=set[str])

    @contextmanager
    def trying(self, what: str) -> Generator[None]:
        """Go on whatever happens, and remember of what."""
        try:
            yield
        except Exception as trouble:  # noqa: BLE001 - nobody's trouble may keep the others' trails from being sealed
            # Not its text: that may hold values of a row.
            logger.error("not sealed", extra={"what": what, "trouble": type(trouble).__name__})  # noqa: TRY400 - as said
            self.failed.add(what)

    def follow(self, marks: Sequence[Mark]) -> None:
        """Seal what some marks ask for, and take each away as soon as that is done."""
        # What takes long (rows that came late, or days that were marked by hand) comes after what takes a moment.
        waiting = deque(sorted(_spans(marks), key=lambda span: span.until - span.since))
        self.marked.update(span.workspace_id for span in waiting)
        while waiting:
            for span, new in self._kept(self._next_group(waiting)):
                if new is not None:
                    self.made.append(new.seal)
                    span.since = max(span.since, moment_of(new.places[-1]))
                if new is not None and new.seal.count == ROWS_A_SEAL:
                    waiting.append(span)
                else:
                    self.seals.unmark(span.marks)

    def _next_group(self, waiting: deque[_Span]) -> Sequence[tuple[_Span, NewSeal | None]]:
        """Make as many seals as fit into one transaction, one of a workspace; None where all is sealed."""
        group: list[tuple[_Span, NewSeal | None]] = []
        later: list[_Span] = []
        of: set[str] = set()
        rows = 0
        while waiting and len(of) < SEALS_AT_ONCE and rows <= ROWS_AT_ONCE - ROWS_A_SEAL:
            span = waiting.popleft()
            if span.workspace_id in of:
                later.append(span)
                continue
            with self.trying(span.workspace_id):
                new = self._new_seal(span)
                group.append((span, new))
                if new is not None:
                    of.add(span.workspace_id)
                    rows += new.seal.count
        waiting.extend(later)
        return group

    def _kept(self, group: Sequence[tuple[_Span, NewSeal | None]]) -> Iterator[tuple[_Span, NewSeal | None]]:
        """Keep seals together, or, if somebody came between, each by itself; those that cannot be kept are left out."""
        together = [new for _, new in group if new is not None]
        try:
            if together:
                self.seals.commit(together)
        except StreamMoved:
            for span, _ in group:
                with self.trying(span.workspace_id):
                    yield span, self._kept_alone(span)
        else:
            yield from group

    def _kept_alone(self, span: _Span) -> NewSeal | None:
        """Make a seal anew until nobody comes between; None: there is nothing left to be sealed."""
        for _ in range(ATTEMPTS):
            new = self._new_seal(span)
            if new is None:
                return None
            with suppress(StreamMoved):
                self.seals.commit([new])
                return new
        raise StreamMoved(span.workspace_id)

    def _new_seal(self, span: _Span) -> NewSeal | None:
        """Make the next seal of a workspace, and archive it; None: all rows of the span are sealed."""
        workspace_id = span.workspace_id
        head = self.seals.head(workspace_id)  # before the rows: whoever seals some of them meanwhile moves it
        rows = self.seals.unsealed(workspace_id, since=span.since, until=span.until, limit=ROWS_A_SEAL)
        if not rows:
            return None
        pseudonyms = Pseudonyms(workspace_id, self.people)
        lines = [
            archived(row.envelope, row.data, pseudonym=pseudonyms, salt=secrets.token_hex(SALT_BYTES)) for row in rows
        ]
        leaves = tuple(leaf_hash(line.encode()) for line in lines)
        last = head.last if head is not None else None
        seal = seal_rows(leaves, workspace_id=workspace_id, after=last, at=moment(self.now))
        keep_in_archive(seal, leaves, lines, archive=self.archive)
        return NewSeal(seal=seal, places=tuple(row.place for row in rows))


def _spans(marks: Sequence[Mark]) -> Collection[_Span]:
    """Put marks of one workspace and one day together."""
    spans: dict[tuple[str, date], _Span] = {}
    for mark in marks:
        span = spans.setdefault(
            (mark.workspace_id, mark.since.date()),
            _Span(workspace_id=mark.workspace_id, since=mark.since, until=mark.until, marks=[]),
        )
        span.since, span.until = min(span.since, mark.since), max(span.until, mark.until)
        span.marks.append(mark)
    return spans.values()
